import { Installation, seasonalCsv, type ExecutionAnswer } from '../support/service.js';

interface Origin {
  executionId: string;
  model: { name: string; version: number } | null;
  modelSha256: string;
}

type Started = ExecutionAnswer & { warmStart: Origin | null; origins: Record<string, string> };

const ROWS = 400;
const APPENDED = 100;

describe('fine-tuning over HTTP', () => {
  const installation = new Installation();
  let datasetId: string;
  let templateId: string;
  let origin: ExecutionAnswer;

  const start = (overrides: object) =>
    installation.api.post<Started>('/executions', { templateId, overrides: { ...overrides } });
  const failure = (overrides: object) => start(overrides).then(String, (error: Error) => error.message);

  beforeAll(async () => {
    await installation.start();
    const all = new TextDecoder()
      .decode(seasonalCsv(ROWS + APPENDED))
      .trim()
      .split('\n');
    const csv = (lines: readonly string[]) => new TextEncoder().encode(`${[all[0], ...lines].join('\n')}\n`);
    const dataset = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=plant&layout=wide&columnsAs=assets',
      csv(all.slice(1, ROWS + 1)),
      'text/csv',
    );
    ({ datasetId } = dataset);
    const template = await installation.api.post<{ templateId: string }>('/templates', {
      name: 'plant-load',
      parameters: {
        data: { datasetId, targets: ['load'], baseAssets: 'all' },
        features: { calendar: { enabled: true } },
        windows: { lookBack: 24, horizon: 4 },
        algorithm: { name: 'mlp', hyperparameters: { epochs: 6, units: [16] } },
        training: { checkpointEveryEpochs: 1 },
        registration: { model: 'plant-load' },
      },
    });
    ({ templateId } = template);
    origin = await installation.finish((await start({})).executionId);
    await installation.api.upload(`/datasets/${datasetId}/rows`, csv(all.slice(ROWS + 1)), 'text/csv');
  }, 240_000);
  afterAll(() => installation.remove());

  it('keeps the origin in the execution, the model version and the card, and outlives it', async () => {
    const { api } = installation;
    const training = { warmStart: { model: 'plant-load' } };
    const hyperparameters = { epochs: 2, learningRate: 0.0005 };
    const started = await start({ training, algorithm: { hyperparameters } });
    const named = { name: 'plant-load', version: 1 };
    const taken = { executionId: origin.executionId, model: named, modelSha256: origin.modelSha256 };
    expect(started.warmStart).toEqual(taken);
    expect(started.origins).toMatchObject({
      'training.warmStart.model': 'override',
      'training.warmStart.version': 'frozen',
    });
    const twin = await start({
      training: { warmStart: { execution: origin.executionId } },
      algorithm: { hyperparameters },
    });
    expect(twin.warmStart).toEqual({ ...taken, model: null });

    // What is queued no longer needs its origin.
    for (const path of ['models/plant-load/versions/1', `executions/${origin.executionId}`]) {
      const { status } = await fetch(`${installation.url}/api/v1/${path}`, { method: 'DELETE' });
      expect(status).toBe(204);
    }
    const finished = await installation.finish(started.executionId);
    const other = await installation.finish(twin.executionId);
    expect(other.modelSha256).toBe(finished.modelSha256);
    expect(finished.modelSha256).not.toBe(origin.modelSha256);
    const version = await api.get<{ warmStart: Origin }>(
      `/models/${finished.model.name}/versions/${finished.model.version}`,
    );
    expect(version.warmStart).toEqual(taken);
    const card = new TextDecoder().decode(
      await api.bytes(`/executions/${started.executionId}/artifacts/model-card.md`),
    );
    expect(card).toMatch(
      new RegExp(
        `- Warm start from plant\\\\-load version 1, execution ${origin.executionId.replace('_', '\\\\_')}, SHA-256 ${origin.modelSha256}; its loss on these data before training [\\d.]+; scaling as fitted for that model`,
      ),
    );
    await api.post('/endpoints', { name: 'tuned', model: finished.model.name, version: finished.model.version });
    const answer = await api.post<{ forecasts: { mean: number[] }[] }>('/endpoints/tuned/forecast', {});
    expect(answer.forecasts[0]!.mean).toHaveLength(4);
    for (const value of answer.forecasts[0]!.mean) expect(value).toBeGreaterThan(60);
    origin = finished;
  }, 240_000);

  it('gives the same bytes after kill -9 between two epochs', async () => {
    const overrides = {
      training: { warmStart: { execution: origin.executionId } },
      algorithm: { hyperparameters: { epochs: 12, patience: 12 } },
    };
    const calm = await installation.finish((await start(overrides)).executionId);
    const { executionId } = await start(overrides);
    while (((await installation.getExecution(executionId)).checkpointEpoch ?? 0) < 2) await new Promise(setImmediate);
    await installation.kill();
    await installation.start();
    const resumed = await installation.finish(executionId);
    expect(resumed.interruptions).toBe(1);
    expect(resumed.modelSha256).toBe(calm.modelSha256);
  }, 240_000);

  it('refuses what does not fit before anything is queued, with all that differs', async () => {
    const warmStart = { execution: origin.executionId };
    const training = { warmStart };
    expect(
      await failure({
        training,
        windows: { lookBack: 12 },
        scaling: { inputs: 'min-max' },
        algorithm: { hyperparameters: { units: [8], epochs: 1 } },
      }),
    ).toMatch(
      /WARM_START_MISMATCH.*cannot go on from execution \S+: windows\.lookBack is 12, there 24; scaling\.inputs is .*, there .*; algorithm\.hyperparameters\.units is \[8\], there \[16\]\. Set them as there, or leave training\.warmStart out/,
    );
    expect(await failure({ training, algorithm: { name: 'lstm' } })).toMatch(
      /WARM_START_MISMATCH.*algorithm\.name is \\"lstm\\", there \\"mlp\\"/,
    );
    expect(await failure({ training, algorithm: { name: 'ridge' } })).toMatch(
      /PARAMETER_INVALID.*ridge cannot go on from a trained model: leave training\.warmStart out, or choose one of .*boosting, logistic, mlp, lstm/,
    );
    expect(await failure({ training: { warmStart: { ...warmStart, model: 'plant-load' } } })).toMatch(
      /PARAMETER_INVALID.*names model plant-load and execution exe_/,
    );
    expect(await failure({ training, backtest: { windows: 2, refit: true } })).toMatch(
      /PARAMETER_INVALID.*backtest\.refit trains as it would have been at earlier times/,
    );
    expect(await failure({ training: { warmStart: { version: 2 } } })).toMatch(/PARAMETER_INVALID.*model is missing/);
    expect(await failure({ training: { warmStart: { model: 'nobody' } } })).toMatch(/MODEL_NOT_FOUND/);
    const waiting = await start({ algorithm: { hyperparameters: { epochs: 1_000, patience: 0 } } });
    expect(await failure({ training: { warmStart: { execution: waiting.executionId } } })).toMatch(
      /EXECUTION_STATE.*has no trained model: wait for its end/,
    );
    await installation.api.post(`/executions/${waiting.executionId}/cancel`);
  }, 240_000);
});
