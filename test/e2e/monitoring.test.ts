import { Installation, seasonalCsv } from '../support/service.js';

interface Prediction {
  readonly createdAt: string;
  readonly origin: string;
  readonly window: { readonly times: string[]; readonly series: Record<string, (number | null)[]> };
  readonly forecasts: readonly {
    readonly asset: string;
    readonly times: string[];
    readonly mean: number[];
    readonly intervals: readonly { readonly coverage: number; readonly lower: number[]; readonly upper: number[] }[];
  }[];
}

interface Scores {
  readonly key?: string;
  readonly count: number;
  readonly mae: number | null;
  readonly rmse: number | null;
  readonly naive: { readonly mae: number } | null;
  readonly skill: { readonly mae: number } | null;
  readonly intervals: readonly { readonly coverage: number; readonly covered: number }[];
}

interface Metrics extends Scores {
  readonly predictions: number;
  readonly isSample: boolean;
  readonly groups: Scores[];
  readonly shadow: null;
}

const ROWS = 400;
const HORIZON = 4;
const NEW_ROWS = 6;
const LINES = new TextDecoder()
  .decode(seasonalCsv(ROWS + NEW_ROWS))
  .trim()
  .split('\n');
const HEADER = LINES[0]!;
const loads = new Map(LINES.slice(1).map((line) => [line.split(',')[0]!, Number(line.split(',')[1])]));

/** Real: the service as it ships, a trained model, its endpoint. */
describe('actuals and live metrics', () => {
  const installation = new Installation();
  const api = () => installation.api;
  let datasetId: string;
  const send = async (path: string, body: object) => {
    const response = await fetch(`${installation.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const metrics = (query = '') => api().get<Metrics>(`/endpoints/load/metrics${query}`);

  beforeAll(async () => {
    await installation.start();
    const csv = new TextEncoder().encode(`${LINES.slice(0, 1 + ROWS).join('\n')}\n`);
    ({ datasetId } = await api().upload<{ datasetId: string }>('/datasets?name=plant', csv, 'text/csv'));
    const { templateId } = await api().post<{ templateId: string }>('/templates', {
      name: 'load',
      parameters: {
        data: { datasetId, targets: ['load'], baseAssets: 'all' },
        windows: { lookBack: 24, horizon: HORIZON },
        algorithm: { name: 'ridge' },
        registration: { model: 'load' },
      },
    });
    const { executionId } = await api().post<{ executionId: string }>('/executions', { templateId });
    await installation.finish(executionId);
    await api().post('/endpoints', { name: 'load', model: 'load' });
  }, 240_000);
  afterAll(() => installation.remove());

  it('has nothing to say before anything came', async () => {
    await api().post('/endpoints/load/forecast');
    expect(await metrics()).toMatchObject({
      predictions: 1,
      isSample: false,
      count: 0,
      mae: null,
      skill: null,
      groups: [],
      shadow: null,
    });
  });

  it('joins the rows that the dataset gets with the forecasts made before', async () => {
    const rows = new TextEncoder().encode(`${[HEADER, ...LINES.slice(1 + ROWS)].join('\n')}\n`);
    await api().upload(`/datasets/${datasetId}/rows`, rows, 'text/csv');
    const { items } = await api().get<{ items: Prediction[] }>('/endpoints/load/predictions');
    const { forecasts, window } = items[0]!;
    const { times, mean, intervals } = forecasts[0]!;
    const actual = times.map((time) => loads.get(time)!);
    const last = window.series['load']!.at(-1)!;
    const errors = mean.map((value, at) => Math.abs(value - actual[at]!));
    const naive = actual.map((value) => Math.abs(value - last));
    const sum = (values: number[]): number => values.reduce((all, one) => all + one, 0);

    const found = await metrics('?by=step');
    expect(found).toMatchObject({ predictions: 1, count: HORIZON });
    expect(found.mae).toBeCloseTo(sum(errors) / HORIZON, 12);
    expect(found.rmse).toBeCloseTo(Math.sqrt(sum(errors.map((one) => one * one)) / HORIZON), 12);
    expect(found.naive?.mae).toBeCloseTo(sum(naive) / HORIZON, 12);
    expect(found.skill?.mae).toBeCloseTo(1 - sum(errors) / sum(naive), 12);
    expect(found.intervals.map(({ coverage }) => coverage)).toEqual(intervals.map(({ coverage }) => coverage));
    for (const [at, { lower, upper }] of intervals.entries()) {
      const inside = actual.filter((value, step) => value >= lower[step]! && value <= upper[step]!).length;
      expect(found.intervals[at]?.covered).toBe(inside / HORIZON);
    }
    expect(found.groups.map(({ key }) => key)).toEqual(['1', '2', '3', '4']);
    for (const [at, { mae }] of found.groups.entries()) expect(mae).toBeCloseTo(errors[at]!, 12);
  });

  it('tells where each value is from, and lets the last one count', async () => {
    const { items } = await api().get<{ items: Prediction[] }>('/endpoints/load/predictions');
    const { times, mean } = items[0]!.forecasts[0]!;
    const range = `&from=${times[0]}&to=${times[0]}`;
    expect(await api().get(`/endpoints/load/actuals?asset=load${range}`)).toMatchObject({
      items: [{ time: times[0], value: loads.get(times[0]!), source: 'dataset', datasetVersion: 2 }],
    });
    const before = await metrics('?by=step');
    expect(
      await send('/endpoints/load/actuals', { times: [times[0]], series: { load: [mean[0]! + 5] } }),
    ).toMatchObject({
      status: 200,
      body: { stored: 1 },
    });
    const after = await metrics('?by=step');
    expect(after.groups[0]?.mae).toBeCloseTo(5, 12);
    expect(after.groups.slice(1)).toEqual(before.groups.slice(1));
    expect(await api().get(`/endpoints/load/actuals?asset=load${range}`)).toMatchObject({
      items: [{ value: mean[0]! + 5, source: 'posted', datasetVersion: null, recordedBy: 'anonymous' }],
    });
  });

  it('joins posted values also with forecasts made after, and never counts missing ones', async () => {
    const { items } = await api().get<{ items: Prediction[] }>('/endpoints/load/predictions');
    const start = Date.parse(items[0]!.origin) + NEW_ROWS * 3_600_000;
    const times = Array.from({ length: HORIZON }, (_, at) => new Date(start + (at + 1) * 3_600_000).toISOString());
    const series = { load: [100, null, 101, null] };
    expect(await send('/endpoints/load/actuals', { times, series })).toMatchObject({
      status: 200,
      body: { stored: 2 },
    });
    await api().post('/endpoints/load/forecast');
    const found = await metrics('?by=version');
    expect(found).toMatchObject({ predictions: 2, count: HORIZON + 2 });
    expect(found.groups.map(({ key, count }) => [key, count])).toEqual([['load/1', HORIZON + 2]]);
    const day = await metrics();
    expect(day.groups.map(({ key }) => key)).toEqual([items[0]!.createdAt.slice(0, 10)]);
    const before = new Date(Date.parse(items[0]!.createdAt) - 1_000).toISOString();
    expect(await metrics(`?to=${before}`)).toMatchObject({ predictions: 0, count: 0 });
  });

  it.each([
    [
      'an asset it does not forecast',
      { times: ['2024-01-01'], series: { temperature: [1] } },
      'does not forecast "temperature"; it forecasts load',
    ],
    [
      'values without a time',
      { times: ['2024-01-01'], series: { load: [1, 2] } },
      'series.load has 2 values for 1 times',
    ],
    [
      'times that do not ascend',
      { times: ['2024-01-02', '2024-01-01'], series: { load: [1, 2] } },
      'does not come after',
    ],
  ])('refuses %s', async (_, body, message) => {
    expect(await send('/endpoints/load/actuals', body)).toMatchObject({
      status: 422,
      body: { code: 'ACTUALS_INVALID', message: expect.stringContaining(message) as string },
    });
  });

  it('refuses a period that ends before it begins, and an endpoint there is none of', async () => {
    const response = await fetch(`${installation.url}/api/v1/endpoints/load/metrics?from=2026-01-02&to=2026-01-01`);
    expect({ status: response.status, ...((await response.json()) as object) }).toMatchObject({
      status: 422,
      code: 'RANGE_INVERTED',
    });
    const none = await fetch(`${installation.url}/api/v1/endpoints/none/metrics`);
    expect(none.status).toBe(404);
  });
});
