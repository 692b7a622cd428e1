import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { linearFile } from '../support/onnx-files.js';
import { Installation, seasonalCsv, type ExecutionAnswer } from '../support/service.js';

interface ModelFile {
  readonly sha256: string;
  readonly name: string;
  readonly format: string;
  readonly bytes: number;
  readonly input: { readonly shape: readonly (number | null)[] };
  readonly output: { readonly shape: readonly (number | null)[] };
  readonly parameters: number;
  readonly executions?: readonly string[];
}

interface Forecast {
  readonly forecasts: readonly {
    readonly mean: readonly number[];
    readonly intervals: readonly { readonly lower: readonly number[]; readonly upper: readonly number[] }[];
  }[];
}

type Imported = ExecutionAnswer & {
  readonly modelFile: { readonly sha256: string; readonly name: string; readonly uploadedBy: string };
  readonly metrics: {
    readonly trainedElsewhere?: boolean;
    readonly test: { readonly original: { readonly mae: number }; readonly intervals: readonly object[] };
  };
};

type User = ExecutionAnswer & { readonly modelFile?: Imported['modelFile'] };

const OCTETS = 'application/octet-stream';

/** Real: the service in a process, its trainings, its endpoints. */
describe('models that were trained elsewhere', () => {
  const installation = new Installation({ TRAINYARD_LIMIT_MODEL_FILE_BYTES: '2000000' });
  let templateId: string;
  let trained: Imported;
  const files: Record<'keras' | 'onnx', Uint8Array> = { keras: new Uint8Array(), onnx: new Uint8Array() };
  const uploaded: Partial<Record<'keras' | 'onnx', ModelFile>> = {};

  const start = (overrides: object) =>
    installation.api.post<ExecutionAnswer>('/executions', { templateId, overrides: { ...overrides } });
  const upload = (content: Uint8Array, name = 'model') =>
    installation.api.upload<ModelFile>(`/model-files?name=${encodeURIComponent(name)}`, content, OCTETS);
  const refusal = (work: Promise<unknown>) => work.then(String, (error: Error) => error.message);
  const imported = (sha256: string, given: object = {}, rest: object = {}) => ({
    algorithm: {
      name: 'imported',
      hyperparameters: { modelFile: sha256, inputUnits: 'scaled', outputUnits: 'scaled', ...given },
    },
    registration: { model: 'plant-imported' },
    ...rest,
  });

  beforeAll(async () => {
    await installation.start();
    const { api } = installation;
    const { datasetId } = await api.upload<{ datasetId: string }>(
      '/datasets?name=plant&layout=wide&columnsAs=assets',
      seasonalCsv(420),
      'text/csv',
    );
    const template = await api.post<{ templateId: string }>('/templates', {
      name: 'plant-load',
      parameters: {
        data: { datasetId, targets: ['load'], baseAssets: 'all' },
        windows: { lookBack: 12, horizon: 4 },
        algorithm: { name: 'mlp', hyperparameters: { epochs: 8, units: [16], learningRate: 0.01 } },
        registration: { model: 'plant-trained' },
      },
    });
    ({ templateId } = template);
    trained = (await installation.finish((await start({})).executionId)) as Imported;
    for (const format of ['keras', 'onnx'] as const) {
      files[format] = await api.bytes(`/executions/${trained.executionId}/artifacts/model.${format}`);
      uploaded[format] = await upload(files[format], `C:\\models\\theirs.${format}`);
    }
    await api.post('/endpoints', { name: 'trained', model: trained.model.name, version: trained.model.version });
  }, 240_000);
  afterAll(() => installation.remove());

  it('stores a file under the hash of its bytes, once, with what it reads and makes', async () => {
    const { keras, onnx } = uploaded;
    expect(keras).toMatchObject({
      sha256: createHash('sha256').update(files.keras).digest('hex'),
      name: 'theirs.keras',
      format: 'keras',
      bytes: files.keras.length,
      input: { shape: [null, 12, 2] },
      output: { shape: [null, 4, 1] },
      uploadedBy: 'anonymous',
      operatorSet: null,
    });
    expect(onnx).toMatchObject({
      format: 'onnx',
      input: { name: 'window', type: 'float32', shape: [null, 12, 2] },
      output: { name: 'forecast', shape: [null, 4, 1] },
      operatorSet: 17,
    });
    // 24 · 16 + 16 and 16 · 4 + 4, and 3 that take the last value off the window.
    expect(keras!.parameters).toBe(471);
    expect(await upload(files.keras, 'again.keras')).toEqual(keras);
    const { items } = await installation.api.get<{ items: ModelFile[] }>('/model-files');
    expect(items.map(({ name }) => name)).toEqual(['theirs.onnx', 'theirs.keras']);
    expect(await installation.api.bytes(`/model-files/${keras!.sha256}/content`)).toEqual(files.keras);
    const form = new FormData();
    form.append('file', new Blob([Buffer.from(files.onnx)]), 'form.onnx');
    const answer = await fetch(`${installation.url}/api/v1/model-files`, { method: 'POST', body: form });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(onnx);
  });

  it.each(['keras', 'onnx'] as const)(
    'an imported %s file forecasts what the model forecasts that it was made of, with intervals and lineage',
    async (format) => {
      const { api } = installation;
      const file = uploaded[format]!;
      const { executionId } = await start(imported(file.sha256));
      const execution = (await installation.finish(executionId)) as Imported;
      expect(execution.iterations).toBe(0);
      expect(execution.modelFile).toMatchObject({
        sha256: file.sha256,
        name: `theirs.${format}`,
        uploadedBy: 'anonymous',
      });
      expect(execution.metrics.trainedElsewhere).toBe(true);
      expect(trained.metrics.trainedElsewhere).toBeUndefined();
      const { original, intervals } = execution.metrics.test;
      expect(Math.abs(original.mae / trained.metrics.test.original.mae - 1)).toBeLessThan(1e-5);
      expect(intervals).toHaveLength(trained.metrics.test.intervals.length);
      const { model } = execution;
      const version = await api.get<object>(`/models/${model.name}/versions/${model.version}`);
      expect(version).toMatchObject({ modelFile: execution.modelFile, metrics: { trainedElsewhere: true } });
      const endpoint = `imported-${format}`;
      await api.post('/endpoints', { name: endpoint, model: model.name, version: model.version });
      const [own, theirs] = [
        await api.post<Forecast>(`/endpoints/${endpoint}/forecast`, {}),
        await api.post<Forecast>('/endpoints/trained/forecast', {}),
      ];
      expect(own.forecasts[0]!.mean).toHaveLength(4);
      own.forecasts[0]!.mean.forEach((value, step) => {
        const expected = theirs.forecasts[0]!.mean[step]!;
        expect(Math.abs(value / expected - 1)).toBeLessThan(1e-6);
      });
      expect(own.forecasts[0]!.intervals.length).toBeGreaterThan(0);
      const card = new TextDecoder().decode(await api.bytes(`/executions/${executionId}/artifacts/model-card.md`));
      expect(card).toContain('**Trained elsewhere**: what it has learned from is unknown to this service');
      expect(card).toContain(`SHA-256 of the file ${file.sha256}`);
      expect(card).toContain('nobody here knows');
      const report = await api.get<object>(`/executions/${executionId}/report`);
      expect(report).toMatchObject({ trainedElsewhere: true });
      const exported = await api.bytes(`/executions/${executionId}/artifacts/model.onnx`);
      if (format === 'keras') return;
      expect(exported).toEqual(files.onnx);
      const again = await installation.finish((await start(imported(file.sha256))).executionId);
      expect(again.modelSha256).toBe(execution.modelSha256);
    },
    240_000,
  );

  it.each(['keras', 'onnx'] as const)(
    'ends with the same bytes after kill -9: %s',
    async (format) => {
      const calm = await installation.finish((await start(imported(uploaded[format]!.sha256))).executionId);
      const { executionId } = await start(imported(uploaded[format]!.sha256));
      while ((await installation.getExecution(executionId)).status === 'QUEUED') await sleep(2);
      await installation.kill();
      await installation.start();
      const resumed = await installation.finish(executionId);
      expect(resumed.interruptions).toBe(1);
      expect(resumed.modelSha256).toBe(calm.modelSha256);
      expect(resumed.metrics).toEqual(calm.metrics);
      const bytes = (of: string) => installation.api.bytes(`/executions/${of}/artifacts/report.json`);
      expect(await bytes(executionId)).toEqual(await bytes(calm.executionId));
    },
    240_000,
  );

  it('is told apart where versions are compared, and no policy approves it unseen', async () => {
    const { api } = installation;
    const { sha256 } = uploaded.keras!;
    const beside = { registration: { model: trained.model.name } };
    await fetch(`${installation.url}/api/v1/models/${trained.model.name}/policy`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'automatic', minimumSkill: 0 }),
    });
    const { model } = await installation.finish((await start(imported(sha256, {}, beside))).executionId);
    const version = await api.get<{ approval: string }>(`/models/${model.name}/versions/${model.version}`);
    expect(version.approval).toBe('PendingManualApproval');
    const compared = await api.get<{ data: { path: string; values: unknown[] }[] }>(
      `/models/${model.name}/compare?versions=${trained.model.version},${model.version}`,
    );
    expect(compared.data).toContainEqual({ path: 'trainedElsewhere', values: [false, true] });
  }, 240_000);

  it('keeps a file that executions use', async () => {
    const { sha256 } = uploaded.onnx!;
    const { items } = await installation.api.get<{ items: readonly ExecutionAnswer[] }>('/executions?limit=100');
    const details = await Promise.all(
      items.map(({ executionId }) => installation.api.get<User>(`/executions/${executionId}`)),
    );
    const users = details.filter(({ modelFile }) => modelFile?.sha256 === sha256).map(({ executionId }) => executionId);
    const remove = () => fetch(`${installation.url}/api/v1/model-files/${sha256}`, { method: 'DELETE' });
    const { executions } = await installation.api.get<ModelFile>(`/model-files/${sha256}`);
    expect(users.length).toBeGreaterThan(1);
    expect([...(executions ?? [])].sort()).toEqual(users.sort());
    const refused = await remove();
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: 'MODEL_FILE_IN_USE', details: { executions } });
  });

  it('fails where a file forecasts no numbers, and lets it go with its execution', async () => {
    const from = {
      inputShape: [12, 2],
      outputShape: [4, 1],
      weights: new Array<number>(96).fill(-1),
      inputs: 24,
      outputs: 4,
    };
    const file = await upload(linearFile({ ...from, behind: { operator: 'Log' } }));
    expect(file.name).toBe('model');
    const { executionId } = await start(imported(file.sha256, { inputUnits: 'original' }));
    const failed = await installation.finish(executionId, 'FAILED');
    expect(failed.error).toMatchObject({
      code: 'FORECAST_NOT_FINITE',
      message: expect.stringMatching(/^The imported model forecasts NaN for load, step 1/) as string,
    });
    const remove = async (path: string) =>
      (await fetch(`${installation.url}/api/v1${path}`, { method: 'DELETE' })).status;
    expect(await remove(`/model-files/${file.sha256}`)).toBe(409);
    expect(await remove(`/executions/${executionId}`)).toBe(204);
    expect(await remove(`/model-files/${file.sha256}`)).toBe(204);
    expect(await installation.api.status(`/model-files/${file.sha256}`)).toBe(404);
    // The same bytes may come again.
    expect((await upload(linearFile(from))).sha256).not.toBe(file.sha256);
    expect(await upload(linearFile({ ...from, behind: { operator: 'Log' } }))).toMatchObject({ sha256: file.sha256 });
    expect(await remove(`/model-files/${file.sha256}`)).toBe(204);
  }, 240_000);

  it('refuses what does not fit the windows before anything is queued', async () => {
    const { sha256 } = uploaded.keras!;
    expect(await refusal(start(imported(sha256, {}, { windows: { lookBack: 24 } })))).toMatch(
      /MODEL_FILE_MISMATCH.*The file reads \[batch, 12, 2\] and makes \[batch, 4, 1\], and the windows of the template fit \[batch, 24, 2\] to \[batch, 4, 1\]/,
    );
    expect(await refusal(start(imported(sha256, { inputColumns: 'own-series' })))).toMatch(
      /MODEL_FILE_MISMATCH.*with inputColumns own-series/,
    );
    expect(await refusal(start(imported('')))).toMatch(/PARAMETER_INVALID.*modelFile names no file: upload one with/);
    expect(await refusal(start(imported('0'.repeat(64))))).toMatch(/MODEL_FILE_NOT_FOUND/);
    expect(await refusal(start(imported(sha256, {}, { backtest: { windows: 2, refit: true } })))).toMatch(
      /PARAMETER_INVALID.*imported is a model that is trained already: set backtest\.refit to false/,
    );
    expect(await refusal(start(imported(sha256, {}, { task: 'direction' })))).toMatch(
      /PARAMETER_INVALID.*algorithm\.name imported cannot do the task direction/,
    );
    const { executionId } = await start(
      imported(sha256, { inputUnits: 'original' }, { scaling: { inputs: 'difference' } }),
    );
    const failed = await installation.finish(executionId, 'FAILED');
    expect(failed.error).toMatchObject({
      code: 'PARAMETER_INVALID',
      message: expect.stringMatching(/^scaling\.inputs changes load by more than an offset and a factor/) as string,
    });
  }, 240_000);

  it('refuses files that it cannot read, and stores nothing of them', async () => {
    const cut = files.keras.subarray(0, files.keras.length - 30);
    expect(await refusal(upload(cut))).toMatch(/422.*MODEL_FILE_UNREADABLE.*it is not a zip archive, or it broke off/);
    const spoilt = files.keras.slice();
    const middle = Math.floor(spoilt.length / 2);
    spoilt[middle] = spoilt[middle]! ^ 0xff;
    expect(await refusal(upload(spoilt))).toMatch(/MODEL_FILE_UNREADABLE/);
    expect(await refusal(upload(files.onnx.subarray(0, 900)))).toMatch(/MODEL_FILE_UNREADABLE.*it breaks off/);
    expect(await refusal(upload(new Uint8Array(2_000_001)))).toMatch(
      /413.*BODY_TOO_LARGE.*import a smaller model, or raise TRAINYARD_LIMIT_MODEL_FILE_BYTES/,
    );
    expect(await refusal(upload(new Uint8Array(0)))).toMatch(/MALFORMED_BODY/);
    const text = installation.api.upload('/model-files', new TextEncoder().encode('a,b'), 'text/csv');
    expect(await refusal(text)).toMatch(/415.*UNSUPPORTED_MEDIA_TYPE.*send the file as application\/octet-stream/);
    const { items } = await installation.api.get<{ items: ModelFile[] }>('/model-files');
    // Theirs and the one that forecasts numbers.
    expect(items).toHaveLength(3);
  });
});
