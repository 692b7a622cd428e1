import { setTimeout as sleep } from 'node:timers/promises';
import { Installation, seasonalCsv } from '../support/service.js';

const ROWS = 400;

interface Summary {
  readonly refit: boolean;
  readonly windows: number;
  readonly skipped: number;
  readonly mae: { readonly mean: number; readonly standardDeviation: number };
  readonly skill: { readonly naive: { readonly mae: number } };
  readonly hasSkill: boolean;
}

interface Report {
  readonly backtest?: {
    readonly refit: boolean;
    readonly step: number;
    readonly windows: readonly { readonly cutoff: string; readonly trainRows: number; readonly modelSha256?: string }[];
    readonly overall: { readonly perAsset: readonly { readonly asset: string }[]; readonly perStep: readonly object[] };
  };
}

describe('a backtest, on the service as it ships', () => {
  const installation = new Installation({});
  let datasetId: string;
  const timeOf = (row: number) => new Date(Date.UTC(2024, 0, 1) + row * 3_600_000).toISOString();
  const saved = async (backtest: unknown, other: object = {}) => {
    const parameters = { data: { datasetId, targets: ['load'] }, windows: { lookBack: 48, horizon: 6 }, ...other };
    const response = await fetch(`${installation.url}/api/v1/templates`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'rolling', parameters: { ...parameters, backtest } }),
    });
    const body = (await response.json()) as {
      readonly templateId: string;
      readonly code: string;
      readonly message: string;
      readonly details: { readonly errors?: readonly object[] };
      readonly parameters: { readonly backtest: object | null };
    };
    return { status: response.status, ...body };
  };
  const started = async (templateId: string, overrides: object = {}) =>
    (await installation.api.post<{ executionId: string }>('/executions', { templateId, overrides })).executionId;

  beforeAll(async () => {
    await installation.start();
    const uploaded = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=stations&layout=wide&columnsAs=assets',
      seasonalCsv(ROWS),
      'text/csv',
    );
    datasetId = uploaded.datasetId;
  }, 60_000);
  afterAll(() => installation.remove());

  it('fits the model anew at each cut-off, and gives scores, a picture and the forecasts', async () => {
    const template = await saved({ windows: 3, refit: true, trainRows: 200 });
    expect(template.parameters.backtest).toEqual({ windows: 3, step: null, refit: true, trainRows: 200 });
    const executionId = await started(template.templateId, { backtest: { step: 12 } });
    const { metrics } = await installation.finish(executionId);
    const summary = (metrics as unknown as { backtest: Summary }).backtest;
    expect(summary).toMatchObject({ refit: true, windows: 3, skipped: 0 });
    expect(summary.skill.naive.mae).toBeGreaterThan(0.5);
    const { backtest } = await installation.api.get<Report>(`/executions/${executionId}/report`);
    // The last 6 of 400 rows are forecast from row 393.
    expect(backtest!.windows.map(({ cutoff }) => cutoff)).toEqual([369, 381, 393].map(timeOf));
    expect(backtest!.step).toBe(12);
    expect(backtest!.windows.map(({ trainRows }) => trainRows)).toEqual([165, 165, 165]);
    expect(new Set(backtest!.windows.map(({ modelSha256 }) => modelSha256)).size).toBe(3);
    expect(backtest!.overall.perAsset.map(({ asset }) => asset)).toEqual(['load']);
    expect(backtest!.overall.perStep).toHaveLength(6);
    const csv = await (
      await fetch(`${installation.url}/api/v1/executions/${executionId}/artifacts/backtest.csv`)
    ).text();
    expect(csv.split('\n')).toHaveLength(1 + 3 * 6 + 1);
    expect(csv.split('\n')[1]).toContain(`load,${timeOf(369)},${timeOf(370)},1,`);
    const card = await fetch(`${installation.url}/api/v1/executions/${executionId}/artifacts/model-card.md`);
    expect(await card.text()).toContain('on the 200 rows up to it');
    const png = await fetch(`${installation.url}/api/v1/executions/${executionId}/artifacts/backtest.png`);
    expect(png.headers.get('content-type')).toBe('image/png');
  }, 240_000);

  it.each([
    ['mlp', { units: [16], epochs: 12, patience: 0, batchSize: 32 }],
    ['arima', { maximumOrder: [3, 1, 3] }],
  ] as const)(
    'goes on with the next window after kill -9, to the same bytes: %s',
    async (name, hyperparameters) => {
      const given = { algorithm: { name, hyperparameters }, training: { checkpointEveryEpochs: 5 } };
      const { templateId } = await saved({ windows: 4, step: 8, refit: true }, given);
      const calm = await installation.finish(await started(templateId));
      const executionId = await started(templateId);
      const kept = () => fetch(`${installation.url}/api/v1/executions/${executionId}/artifacts/backtest-windows.bin`);
      while ((await kept()).status !== 200) await sleep(20);
      await installation.kill();
      await installation.start();
      const resumed = await installation.finish(executionId);
      expect(resumed.interruptions).toBe(1);
      expect(resumed.modelSha256).toBe(calm.modelSha256);
      expect(resumed.metrics).toEqual(calm.metrics);
      const { items } = await installation.api.get<{ items: { message: string }[] }>(
        `/executions/${executionId}/logs?limit=200`,
      );
      const said = items.map(({ message }) => message).join('\n');
      expect(said).toMatch(
        /The execution was interrupted: [1-4] of 4 windows of the backtest were finished and are kept/,
      );
      for (const artifact of ['report.json', 'backtest.csv', 'backtest.png', 'model.json']) {
        const bytes = (of: string) => installation.api.bytes(`/executions/${of}/artifacts/${artifact}`);
        expect(await bytes(executionId)).toEqual(await bytes(calm.executionId));
      }
      while ((await kept()).status !== 404) await sleep(20);
    },
    400_000,
  );

  it('refuses what cannot be meant, with the field, its value and its limit', async () => {
    expect(await saved({ windows: 51 })).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
      details: { errors: [{ path: 'backtest.windows', value: 51 }] },
    });
    expect(await saved({ folds: 3 })).toMatchObject({
      status: 400,
      details: { errors: [{ path: 'backtest.folds', message: 'there is no such field' }] },
    });
    expect(await saved([3])).toMatchObject({
      status: 400,
      details: { errors: [{ path: 'backtest', message: 'must be an object of fields' }] },
    });
    expect(await saved({ trainRows: 100 })).toMatchObject({
      status: 422,
      code: 'PARAMETER_INVALID',
      message: 'backtest.trainRows 100 is the length of a refit: set backtest.refit to true, or leave it out',
    });
    expect(await saved({ refit: true, trainRows: 53 })).toMatchObject({
      status: 422,
      code: 'BACKTEST_DOES_NOT_FIT',
      message:
        'backtest.trainRows 53 is less than one window, windows.lookBack 48 + windows.horizon 6: raise it to more than 54',
    });
    expect(await saved({ windows: 5 }, { split: { by: 'windows', testWindows: 4 } })).toMatchObject({
      status: 422,
      code: 'BACKTEST_DOES_NOT_FIT',
      message:
        'backtest.windows 5 with a step of 6 rows needs 30 rows, and split.testWindows 4 of 6 rows hold 4: ask for fewer, a smaller backtest.step or more split.testWindows',
    });
  });

  it('fails before it trains when the rows do not hold the windows, and says how many they hold', async () => {
    const { templateId } = await saved({ windows: 20 });
    const { error } = await installation.finish(await started(templateId), 'FAILED');
    // The test part is the last 60 rows.
    expect(error).toMatchObject({
      code: 'BACKTEST_DOES_NOT_FIT',
      message: expect.stringContaining('needs 120 rows in the test part') as string,
    });
    expect(error!.message).toContain('there are 60, enough for 10: ask for backtest.windows of at most 10');
    const without = await started(templateId, { backtest: null });
    const { metrics } = await installation.finish(without);
    expect(metrics).not.toHaveProperty('backtest');
  }, 240_000);
});
