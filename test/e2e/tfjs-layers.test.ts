import { convolutionTopology, denseTopology } from '../support/topologies.js';
import { Installation, seasonalCsv } from '../support/service.js';

/** Real: the service in a process, a training process with TensorFlow.js, an endpoint. */
describe('layers of a user over HTTP', () => {
  const installation = new Installation();
  let templateId: string;

  const parameters = (topology: string) => ({ name: 'tfjs-layers', hyperparameters: { topology, epochs: 6 } });

  beforeAll(async () => {
    await installation.start();
    const { datasetId } = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=plant&layout=wide&columnsAs=assets',
      seasonalCsv(300),
      'text/csv',
    );
    const template = await installation.api.post<{ templateId: string }>('/templates', {
      name: 'own layers',
      parameters: {
        data: { datasetId, targets: ['load'], baseAssets: 'all' },
        windows: { lookBack: 24, horizon: 4 },
        algorithm: parameters(convolutionTopology(4, 1)),
        registration: { model: 'own-layers' },
      },
    });
    ({ templateId } = template);
  }, 240_000);
  afterAll(() => installation.remove());

  it('are trained, registered, exported and served', async () => {
    const { api } = installation;
    const { executionId } = await api.post<{ executionId: string }>('/executions', { templateId });
    const finished = await installation.finish(executionId);
    expect((finished as unknown as { engine: string }).engine).toMatch(/^tfjs-/);
    const keras = await api.bytes(`/executions/${executionId}/artifacts/model.keras`);
    expect(new TextDecoder('latin1').decode(keras.subarray(0, 2))).toBe('PK');
    await api.post('/endpoints', { name: 'own', model: finished.model.name, version: finished.model.version });
    const { forecasts } = await api.post<{ forecasts: { mean: number[] }[] }>('/endpoints/own/forecast', {});
    expect(forecasts[0]!.mean).toHaveLength(4);
    for (const value of forecasts[0]!.mean) expect(value).toBeGreaterThan(60);
  }, 240_000);

  it('are refused before anything is stored, and by the training where they do not fit the window', async () => {
    const { api } = installation;
    const start = (topology: string) =>
      api.post<{ executionId: string }>('/executions', { templateId, overrides: { algorithm: parameters(topology) } });
    const unknown = '{"class_name":"Sequential","config":{"layers":[{"class_name":"Lambda","config":{"name":"f"}}]}}';
    await expect(start(unknown)).rejects.toThrow(/PARAMETER_INVALID.*layer f is a Lambda; known are Dense/);
    const { executionId } = await start(denseTopology(5, 1));
    const failed = await installation.finish(executionId, 'FAILED');
    expect(failed.error).toMatchObject({
      code: 'PARAMETER_INVALID',
      message: expect.stringMatching(
        /^algorithm\.hyperparameters\.topology ends in the shape \[5\]: it must be \[4, 1\]/,
      ) as string,
    });
  }, 240_000);
});
