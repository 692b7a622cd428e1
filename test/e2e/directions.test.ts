import { Installation } from '../support/service.js';

const ROWS = 320;
const HORIZON = 2;
const DAY_MS = 86_400_000;
const dateOf = (row: number) => new Date(Date.UTC(2024, 0, 1) + row * DAY_MS).toISOString().slice(0, 10);

/** Two prices that swing: after a rise comes a fall. */
function csv(): string {
  let state = 3;
  const noise = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  let [gold, silver] = [1_800, 24];
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const sign = row % 2 === 0 ? 1 : -1;
    gold += sign * (8 + 8 * noise());
    silver -= sign * (0.2 + 0.2 * noise());
    return `${dateOf(row)},${gold.toFixed(2)},${silver.toFixed(3)}`;
  });
  return ['date,gold,silver', ...lines].join('\n');
}

interface Told {
  readonly asset: string;
  readonly times: string[];
  readonly mean?: number[];
  readonly probabilities: Readonly<Record<'down' | 'flat' | 'up', number[]>>;
  readonly direction: string[];
  readonly flatWithin: number[];
  readonly intervals: unknown[];
}

/** Real: the service as it ships, from the template to the answer of an endpoint. */
describe('the task direction', () => {
  const installation = new Installation({});
  const { post, get } = {
    post: <Body>(path: string, body?: object) => installation.api.post<Body>(path, body),
    get: <Body>(path: string) => installation.api.get<Body>(path),
  };
  let datasetId = '';
  const parameters = (algorithm: object, changes: object = {}) => ({
    task: 'direction',
    data: { datasetId, targets: ['gold', 'silver'] },
    windows: { lookBack: 8, horizon: HORIZON },
    evaluation: { directionThreshold: 0.25 },
    algorithm,
    ...changes,
  });
  const create = (name: string, of: object) => post<{ templateId: string }>('/templates', { name, parameters: of });

  beforeAll(async () => {
    await installation.start();
    ({ datasetId } = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=metals',
      new TextEncoder().encode(csv()),
      'text/csv',
    ));
  }, 60_000);
  afterAll(() => installation.remove());

  it.each([
    ['logistic', { name: 'logistic' }, ['report.json', 'confusion.png']],
    ['boosting', { name: 'boosting', hyperparameters: { rounds: 30 } }, ['loss.png']],
    [
      'lstm',
      { name: 'lstm', hyperparameters: { units: [8], epochs: 12, batchSize: 16, learningRate: 0.02 } },
      ['loss.png', 'model.keras', 'model.onnx'],
    ],
  ] as const)(
    'by %s: from a template to probabilities at an endpoint',
    async (name, algorithm, files) => {
      const { templateId } = await create(name, parameters(algorithm));
      const { executionId } = await post<{ executionId: string }>('/executions', { templateId });
      const execution = await installation.finish(executionId);
      const metrics = execution.metrics as unknown as { readonly test: Readonly<Record<string, unknown>> };
      expect(Object.keys(metrics).sort()).toEqual(['test', 'validation']);
      expect(Object.keys(metrics.test).sort()).toEqual(['direction', 'hasSkill', 'windows']);
      expect(metrics.test).toMatchObject({ hasSkill: true, windows: 47 });

      const report = await get<{
        readonly task: string;
        readonly test: {
          readonly model: { readonly accuracy: number; readonly macroAuc: number; readonly confusion: number[][] };
          readonly perStep: readonly { readonly model: { readonly accuracy: number; readonly macroAuc: number } }[];
        };
      }>(`/executions/${executionId}/report`);
      expect(report.task).toBe('direction');
      expect(report.test.perStep[0]!.model.macroAuc).toBeGreaterThan(0.95);
      expect(report.test.perStep[0]!.model.accuracy).toBeGreaterThan(0.95);
      expect(report.test).not.toHaveProperty('naive');

      const version = await get<{ artifacts: string[] }>(`/models/${execution.model.name}/versions/1`);
      expect(version.artifacts).toEqual(expect.arrayContaining([...files, 'probabilities.png', 'reliability.png']));
      expect(version.artifacts).not.toContain('forecast.png');
      const card = await installation.api.bytes(`/executions/${executionId}/artifacts/model-card.md`);
      expect(Buffer.from(card).toString()).toContain(
        'It has skill: on the test part its probabilities of down, flat and up',
      );

      await post('/endpoints', { name, model: execution.model.name });
      const answer = await post<{ forecasts: Told[] }>(`/endpoints/${name}/forecast`);
      const [gold, silver] = answer.forecasts;
      // The last row, an odd one, was a fall of gold and a rise of silver.
      expect([gold!.direction[0], silver!.direction[0]]).toEqual(['up', 'down']);
      expect(gold!.probabilities.up[0]).toBeGreaterThan(0.8);
      for (const { probabilities, mean, flatWithin, times, intervals } of answer.forecasts) {
        expect(mean).toBeUndefined();
        expect(intervals).toEqual([]);
        expect(times).toHaveLength(HORIZON);
        const sums = probabilities.down.map((p, at) => p + probabilities.flat[at]! + probabilities.up[at]!);
        for (const sum of sums) expect(sum).toBeCloseTo(1, 12);
        expect(flatWithin).toHaveLength(HORIZON);
      }
      // A quarter of the root mean square of changes from 8 to 16.
      expect(gold!.flatWithin[0]).toBeGreaterThan(2);
      expect(gold!.flatWithin[0]).toBeLessThan(4);
      const { items } = await get<{ items: unknown[] }>(`/endpoints/${name}/predictions`);
      expect(items).toEqual([answer]);
      const exported = JSON.parse(
        Buffer.from(await installation.api.bytes(`/endpoints/${name}/predictions/export?format=json`)).toString(),
      ) as Record<string, unknown>[];
      expect(exported[0]).toMatchObject({
        asset: 'gold',
        mean: null,
        direction: 'up',
        probability_up: gold!.probabilities.up[0],
        probability_down: gold!.probabilities.down[0],
        step: 1,
      });
    },
    240_000,
  );

  it.each([
    [
      'deepar',
      { layers: 1, cells: 8, dropout: 0, samples: 60, epochs: 15, batchSize: 16, learningRate: 0.02 },
      ['loss.png', 'model.keras'],
    ],
    ['arima', {}, ['confusion.png']],
    ['ridge', {}, ['confusion.png']],
  ] as const)(
    'by values that %s forecasts: the endpoint answers what the backtest had of the same window',
    async (name, hyperparameters, files) => {
      const backtest = { windows: 2, step: 5, refit: false };
      const { templateId } = await create(`${name}-values`, parameters({ name, hyperparameters }, { backtest }));
      const { executionId } = await post<{ executionId: string }>('/executions', { templateId });
      const execution = await installation.finish(executionId);
      expect(execution.metrics.test).toMatchObject({ hasSkill: true, windows: 47 });
      const report = await get<{
        readonly test: { readonly perStep: readonly { readonly model: Readonly<Record<string, number>> }[] };
      }>(`/executions/${executionId}/report`);
      expect(report.test.perStep[0]!.model['macroAuc']).toBeGreaterThan(0.95);
      const version = await get<{ artifacts: string[] }>(`/models/${execution.model.name}/versions/1`);
      expect(version.artifacts).toEqual(expect.arrayContaining([...files, 'probabilities.png', 'reliability.png']));
      expect(version.artifacts).not.toContain('model.onnx');

      const table = Buffer.from(await installation.api.bytes(`/executions/${executionId}/artifacts/backtest.csv`))
        .toString()
        .trim()
        .split('\n')
        .map((line) => line.split(','));
      expect(table[0]).toEqual(['asset', 'cutoff', 'time', 'step', 'actual', 'down', 'flat', 'up']);
      const cutoff = table[1]![1]!;
      const rows = csv().split('\n').slice(1);
      const end = rows.findIndex((row) => row.startsWith(cutoff.slice(0, 10))) + 1;
      const given = rows.slice(end - 8, end).map((row) => row.split(','));
      await post('/endpoints', { name, model: execution.model.name });
      const { forecasts } = await post<{ forecasts: Told[] }>(`/endpoints/${name}/forecast`, {
        window: {
          times: given.map(([date]) => `${date!}T00:00:00Z`),
          series: { gold: given.map((row) => Number(row[1])), silver: given.map((row) => Number(row[2])) },
        },
      });
      for (const { asset, probabilities } of forecasts) {
        const told = table.filter((row) => row[0] === asset && row[1] === cutoff);
        expect(told).toHaveLength(HORIZON);
        const of = (column: number) => told.map((row) => Number(row[column]));
        expect([probabilities.down, probabilities.flat, probabilities.up]).toEqual([of(5), of(6), of(7)]);
      }
    },
    240_000,
  );

  it('is refused with algorithms that have no directions, naming those that have', async () => {
    const failing = async (of: object) => {
      const response = await fetch(`${installation.url}/api/v1/templates`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'refused', parameters: of }),
      });
      return { status: response.status, ...((await response.json()) as { code: string; message: string }) };
    };
    const refused = await failing(parameters({ name: 'ensemble' }));
    expect(refused).toMatchObject({ status: 422, code: 'PARAMETER_INVALID' });
    expect(refused.message).toContain('algorithm.name ensemble cannot do the task direction: choose one of naive,');
    expect(refused.message).toContain('logistic');
    const forecast = await failing({ ...parameters({ name: 'logistic' }), task: 'forecast' });
    expect(forecast.message).toContain('logistic cannot do the task forecast');
    expect(await failing({ ...parameters({ name: 'logistic' }), task: 'guess' })).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
    });
  });

  it('is backtested with a refit at each cut-off, and goes on from a trained model', async () => {
    const { templateId } = await create('rolling', parameters({ name: 'boosting', hyperparameters: { rounds: 20 } }));
    const start = (overrides: object) =>
      post<{ executionId: string; warmStart: unknown }>('/executions', { templateId, overrides });
    const { executionId } = await start({ backtest: { windows: 3, step: 10, refit: true } });
    const execution = await installation.finish(executionId);
    const { backtest } = execution.metrics as unknown as {
      readonly backtest: Record<string, unknown> & { readonly direction: Record<string, number> };
    };
    expect(backtest).toMatchObject({ refit: true, windows: 3, skipped: 0 });
    expect(backtest).not.toHaveProperty('mae');
    // One step ahead is told from the window, two are not.
    expect(backtest.direction['accuracy']).toBeGreaterThan(0.5);
    const report = await get<{ readonly backtest: { readonly windows: { readonly count: number }[] } }>(
      `/executions/${executionId}/report`,
    );
    // Two targets, two steps.
    expect(report.backtest.windows.map(({ count }) => count)).toEqual([4, 4, 4]);
    const csvFile = await installation.api.bytes(`/executions/${executionId}/artifacts/backtest.csv`);
    expect(Buffer.from(csvFile).toString()).toContain('asset,cutoff,time,step,actual,down,flat,up');

    const warm = await start({ training: { warmStart: { execution: executionId } } });
    expect(warm.warmStart).toMatchObject({ executionId, modelSha256: execution.modelSha256 });
    const finished = await installation.finish(warm.executionId);
    expect(finished.status).toBe('SUCCEEDED');
    const card = await installation.api.bytes(`/executions/${warm.executionId}/artifacts/model-card.md`);
    expect(Buffer.from(card).toString()).toMatch(/Warm start from .*; its loss on these data before training/);
    const other = start({
      training: { warmStart: { execution: executionId } },
      evaluation: { directionThreshold: 0.5 },
    });
    await expect(other).rejects.toThrow(/WARM_START_MISMATCH.*evaluation.directionThreshold/s);
  }, 240_000);

  it('stands in a template like other fields: explained, diffed, overridden, with what is not used', async () => {
    const { templateId } = await create('waves', parameters({ name: 'logistic' }, { scaling: { targets: 'min-max' } }));
    const version = await get<{ parameters: { task: string }; origins: Record<string, string>; warnings: string[] }>(
      `/templates/${templateId}/versions/1`,
    );
    expect(version.parameters.task).toBe('direction');
    expect(version.origins['task']).toBe('template');
    expect(version.warnings).toEqual([
      'the task direction forecasts no values: scaling.targets "min-max" will not be used',
    ]);
    const { executionId } = await post<{ executionId: string }>('/executions', {
      templateId,
      overrides: { task: 'forecast', algorithm: { name: 'naive' } },
    });
    const { metrics } = await installation.finish(executionId);
    expect(metrics.test).toHaveProperty('scaled');
    expect(metrics.test).not.toHaveProperty('direction');
  }, 120_000);
});
