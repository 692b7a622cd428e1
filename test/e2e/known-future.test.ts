import { Installation } from '../support/service.js';
import { seededUniform } from '../support/series.js';

const ROWS = 260;
const HORIZON = 4;
const DAY_MS = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const uniform = seededUniform(12);
const PROMOTIONS = Array.from({ length: ROWS + 40 }, () => (uniform() > 0.6 ? 1 : 0));
const timeOf = (row: number) => new Date(START + row * DAY_MS).toISOString();
const dayOf = (row: number) => timeOf(row).slice(0, 10);
const salesOf = (row: number) => 100 + 30 * PROMOTIONS[row]! + 10 * Math.sin((2 * Math.PI * row) / 7);

/** `known` more rows with promotions and without sales. */
function csv(known: number): string {
  const lines = Array.from({ length: ROWS + known }, (_, row) => {
    const sales = row < ROWS ? (salesOf(row) + uniform() - 0.5).toFixed(3) : '';
    return `${dayOf(row)},${sales},${PROMOTIONS[row]}`;
  });
  return ['date,sales,promotion', ...lines].join('\n');
}

interface Answer {
  readonly origin: string;
  readonly forecasts: readonly { readonly times: string[]; readonly mean: number[] }[];
  readonly window: {
    readonly times: string[];
    readonly series: Record<string, (number | null)[]>;
    readonly future?: { readonly times: string[]; readonly series: Record<string, number[]> };
  };
}

describe('known-future covariates, on the service as it ships', () => {
  const installation = new Installation({});
  const parametersOf = (datasetId: string) => ({
    data: { datasetId, targets: ['sales'] },
    features: { knownFuture: { assets: ['promotion'], calendar: true } },
    windows: { lookBack: 14, horizon: HORIZON },
  });
  const upload = async (known: number) =>
    (
      await installation.api.upload<{ datasetId: string }>(
        `/datasets?name=shop-${known}&layout=wide&columnsAs=assets`,
        new TextEncoder().encode(csv(known)),
        'text/csv',
      )
    ).datasetId;
  const trained = async (datasetId: string, name: string, algorithm = 'ridge') => {
    const parameters = { ...parametersOf(datasetId), algorithm: { name: algorithm } };
    const { templateId } = await installation.api.post<{ templateId: string }>('/templates', { name, parameters });
    const { executionId } = await installation.api.post<{ executionId: string }>('/executions', {
      templateId,
      overrides: {},
    });
    return installation.finish(executionId);
  };
  const failing = async (path: string, body: object) => {
    const response = await fetch(`${installation.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      ...((await response.json()) as { code: string; details: object; message: string }),
    };
  };
  const expected = Array.from({ length: HORIZON }, (_, step) => salesOf(ROWS + step));
  const largestError = (mean: number[], of: readonly number[] = expected) =>
    Math.max(...mean.map((value, step) => Math.abs(value - of[step]!)));

  beforeAll(() => installation.start(), 60_000);
  afterAll(() => installation.remove());

  it('forecasts what a promotion will do, from rows of the dataset that have no sales yet', async () => {
    const execution = await trained(await upload(10), 'with-future');
    await installation.api.post('/endpoints', {
      name: 'shop',
      model: execution.model.name,
      version: execution.model.version,
    });
    const answer = await installation.api.post<Answer>('/endpoints/shop/forecast');
    expect(answer.origin).toBe(timeOf(ROWS - 1));
    expect(answer.forecasts[0]!.times).toEqual([0, 1, 2, 3].map((step) => timeOf(ROWS + step)));
    // Promotions add 30; the noise is ±0.5.
    expect(largestError(answer.forecasts[0]!.mean)).toBeLessThan(3);
    expect(answer.window.times).toHaveLength(14);
    expect(answer.window.times[13]).toBe(timeOf(ROWS - 1));
    expect(answer.window.future).toEqual({
      times: [0, 1, 2, 3].map((step) => timeOf(ROWS + step)),
      series: { promotion: PROMOTIONS.slice(ROWS, ROWS + HORIZON) },
    });
    const { items } = await installation.api.get<{ items: Answer[] }>('/endpoints/shop/predictions');
    expect(items).toEqual([answer]);

    // What if there were no promotion, or one on each day?
    for (const on of [0, 1]) {
      const series = { promotion: Array<number>(HORIZON).fill(on) };
      const future = { times: answer.forecasts[0]!.times, series };
      const other = await installation.api.post<Answer>('/endpoints/shop/forecast', { future });
      const wanted = expected.map((value, step) => value + 30 * (on - PROMOTIONS[ROWS + step]!));
      expect(largestError(other.forecasts[0]!.mean, wanted)).toBeLessThan(3);
      expect(other.window.future!.series).toEqual(series);
    }
    const log = await installation.api.get<{ items: { message: string }[] }>(
      `/executions/${execution.executionId}/logs`,
    );
    expect(log.items.map(({ message }) => message)).toContainEqual(
      'Known in advance, up to the last row of a forecast: promotion, weekday_sin, weekday_cos, day_of_month_sin, day_of_month_cos, month_sin, month_cos',
    );
    const importance = await installation.api.get<{ items: { column: string; step: string; importance: number }[] }>(
      `/executions/${execution.executionId}/feature-importance`,
    );
    expect(importance.items[0]).toMatchObject({ column: 'promotion (known future)', step: 'known-future' });
    expect(importance.items[0]!.importance).toBeGreaterThan(1);
  }, 240_000);

  it('takes future rows with an explicit window, and says what is missing or wrong', async () => {
    const rows = Array.from({ length: 60 }, (_, at) => ROWS - 60 + at);
    const window = {
      times: rows.map(dayOf),
      series: { sales: rows.map(salesOf), promotion: rows.map((row) => PROMOTIONS[row]!) },
    };
    const future = {
      times: [0, 1, 2, 3].map((step) => dayOf(ROWS + step)),
      series: { promotion: PROMOTIONS.slice(ROWS, ROWS + HORIZON) },
    };
    const answer = await installation.api.post<Answer>('/endpoints/shop/forecast', { window, future });
    expect(largestError(answer.forecasts[0]!.mean)).toBeLessThan(3);
    // Rows of the window that have no sales are rows of the future, too.
    const together = {
      times: [...window.times, ...future.times],
      series: {
        sales: [...window.series.sales, null, null, null, null],
        promotion: [...window.series.promotion, ...future.series.promotion],
      },
    };
    const same = await installation.api.post<Answer>('/endpoints/shop/forecast', { window: together });
    expect(same.forecasts).toEqual(answer.forecasts);
    expect(same.origin).toBe(answer.origin);

    expect(
      await failing('/endpoints/shop/forecast', {
        window,
        future: { ...future, series: {} },
      }),
    ).toMatchObject({
      status: 422,
      code: 'WINDOW_INVALID',
      details: { missing: ['promotion'], unknown: [] },
    });
    expect(
      await failing('/endpoints/shop/forecast', {
        window,
        future: { times: [dayOf(ROWS - 1)], series: { promotion: [1] } },
      }),
    ).toMatchObject({
      status: 422,
      code: 'WINDOW_INVALID',
      message: expect.stringContaining('does not come after') as string,
    });
  }, 240_000);

  it('refuses a forecast whose covariates are not known, naming their times', async () => {
    // Otherwise small gaps of a covariate are filled, as they were in training.
    const gaps = { gaps: { largeShare: 0 } };
    const { templateId } = await installation.api.post<{ templateId: string }>('/templates', {
      name: 'strict',
      parameters: { ...parametersOf(await upload(1)), ...gaps },
    });
    const { executionId } = await installation.api.post<{ executionId: string }>('/executions', {
      templateId,
      overrides: {},
    });
    const strict = await installation.finish(executionId);
    await installation.api.post('/endpoints', {
      name: 'strict',
      model: strict.model.name,
      version: strict.model.version,
    });
    expect(await failing('/endpoints/strict/forecast', {})).toMatchObject({
      status: 422,
      code: 'FUTURE_MISSING',
      details: { missing: [{ column: 'promotion', times: [1, 2, 3].map((step) => timeOf(ROWS + step)) }] },
    });
  }, 240_000);

  it('tells an algorithm that does not read them, and refuses a target among them', async () => {
    const datasetId = await upload(2);
    const naive = await trained(datasetId, 'naive-promotions', 'naive');
    const log = await installation.api.get<{ items: { message: string }[] }>(`/executions/${naive.executionId}/logs`);
    expect(log.items.map(({ message }) => message).join()).toContain(
      'Algorithm naive reads nothing of the rows it forecasts: features.knownFuture of the template does not change its forecast',
    );
    const refused = await failing('/templates', {
      name: 'wrong',
      parameters: { ...parametersOf(datasetId), features: { knownFuture: { assets: ['sales'] } } },
    });
    expect(refused).toMatchObject({
      status: 422,
      code: 'PARAMETER_INVALID',
      details: { path: 'features.knownFuture.assets', value: 'sales' },
    });
    const unknown = await failing('/templates', {
      name: 'wrong',
      parameters: { ...parametersOf(datasetId), features: { knownFuture: { assets: ['promotions'] } } },
    });
    expect(unknown).toMatchObject({ status: 422, code: 'ASSET_UNKNOWN', details: { closest: ['promotion'] } });
  }, 240_000);
});
