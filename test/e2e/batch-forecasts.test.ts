import { setTimeout as sleep } from 'node:timers/promises';
import { Installation, seasonalCsv } from '../support/service.js';

interface Batch {
  readonly batchId: string;
  readonly status: string;
  readonly request: Record<string, unknown>;
  readonly counts: { readonly origins: number; readonly done: number; readonly skipped: number } | null;
  readonly firstSkipped: { readonly origin: string; readonly code: string } | null;
  readonly rows: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly interruptions: number;
}

interface Prediction {
  readonly origin: string;
  readonly forecasts: readonly {
    readonly asset: string;
    readonly times: string[];
    readonly mean: number[];
    readonly intervals: readonly { readonly coverage: number; readonly lower: number[]; readonly upper: number[] }[];
  }[];
}

type Row = Record<string, string | number | null>;

const ROWS = 400;
const LOOK_BACK = 24;
const HORIZON = 3;
const LINES = new TextDecoder().decode(seasonalCsv(3_000)).trim().split('\n');
const csvOf = (from: number, to: number) =>
  new TextEncoder().encode(`${[LINES[0], ...LINES.slice(1 + from, 1 + to)].join('\n')}\n`);
const timeOf = (row: number) => LINES[1 + row]!.split(',')[0]!;

/** Real: the service as it ships, killed and started again, a trained model, its endpoint. */
describe('batch forecasts', () => {
  const installation = new Installation({ TRAINYARD_LEASE_MS: '10000', TRAINYARD_HEARTBEAT_MS: '500' });
  const api = () => installation.api;
  let datasetId: string;
  let longDataset: string;
  const online: Prediction[] = [];
  const send = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${installation.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  const start = async (body: object) => (await api().post<Batch>('/batch-forecasts', body)).batchId;
  const get = (batchId: string) => api().get<Batch>(`/batch-forecasts/${batchId}`);
  const until = async (batchId: string, isReached: (batch: Batch) => boolean): Promise<Batch> => {
    for (;;) {
      const batch = await get(batchId);
      if (isReached(batch)) return batch;
      await sleep(50);
    }
  };
  const finish = (batchId: string) => until(batchId, ({ status }) => status !== 'QUEUED' && status !== 'RUNNING');
  const download = async (batchId: string, query: string) =>
    (await fetch(`${installation.url}/api/v1/batch-forecasts/${batchId}/result${query}`)).text();

  beforeAll(async () => {
    await installation.start();
    ({ datasetId } = await api().upload<{ datasetId: string }>('/datasets?name=plant', csvOf(0, ROWS), 'text/csv'));
    const { templateId } = await api().post<{ templateId: string }>('/templates', {
      name: 'plant',
      parameters: {
        data: { datasetId, targets: ['load', 'temperature'], baseAssets: 'all' },
        windows: { lookBack: LOOK_BACK, horizon: HORIZON },
        algorithm: { name: 'ridge' },
        registration: { model: 'plant' },
      },
    });
    const { executionId } = await api().post<{ executionId: string }>('/executions', { templateId });
    await installation.finish(executionId);
    await api().post('/endpoints', { name: 'plant', model: 'plant' });
    for (const end of [ROWS, ROWS + 2, ROWS + 5]) {
      if (end > ROWS) {
        const begin = end === ROWS + 2 ? ROWS : ROWS + 2;
        await api().upload(`/datasets/${datasetId}/rows`, csvOf(begin, end), 'text/csv');
      }
      online.push(await api().post<Prediction>('/endpoints/plant/forecast'));
    }
    const long = await api().upload<{ datasetId: string }>('/datasets?name=long', csvOf(0, 3_000), 'text/csv');
    longDataset = long.datasetId;
  }, 240_000);
  afterAll(() => installation.remove());

  it('says what the endpoint said from each origin at the time, bit for bit', async () => {
    const batchId = await start({ endpoint: 'plant', from: timeOf(ROWS - 1) });
    const batch = await finish(batchId);
    expect(batch).toMatchObject({
      status: 'SUCCEEDED',
      request: {
        endpoint: 'plant',
        model: 'plant',
        modelVersion: 1,
        datasetId,
        datasetVersion: 3,
        stride: 1,
        assets: ['load', 'temperature'],
      },
      counts: { origins: 6, done: 6, skipped: 0 },
      rows: 6 * 2 * HORIZON,
      error: null,
    });
    const rows = JSON.parse(await download(batchId, '?format=json')) as Row[];
    for (const { origin, forecasts } of online) {
      const expected = forecasts.flatMap(({ asset, times, mean, intervals }) =>
        times.map((time, at): Row => ({
          origin,
          asset,
          step: at + 1,
          time,
          mean: mean[at]!,
          ...Object.fromEntries(
            intervals.flatMap(({ coverage, lower, upper }) => [
              [`lower_${coverage}`, lower[at]!],
              [`upper_${coverage}`, upper[at]!],
            ]),
          ),
          gapProbability: null,
        })),
      );
      expect(rows.filter((row) => row['origin'] === origin)).toEqual(expected);
    }
    const [header, first] = (await download(batchId, '?format=csv')).split('\n');
    expect(header).toBe('origin,asset,step,time,mean,lower_0.8,upper_0.8,lower_0.95,upper_0.95,gapProbability');
    expect(first!.split(',')[4]).toBe(String(online[0]!.forecasts[0]!.mean[0]));
  });

  it('takes every so many rows and some assets, and skips origins that nothing can be forecast from', async () => {
    const batchId = await start({ model: 'plant', datasetVersion: 1, to: timeOf(99), stride: 10, assets: ['load'] });
    const batch = await finish(batchId);
    // Rows 0, 10 and 20 have fewer before them than the model looks back on.
    expect(batch).toMatchObject({
      status: 'SUCCEEDED',
      counts: { origins: 10, done: 10, skipped: 3 },
      firstSkipped: { origin: new Date(timeOf(0)).toISOString(), code: 'WINDOW_INVALID' },
      rows: 7 * HORIZON,
    });
    const rows = JSON.parse(await download(batchId, '?format=json')) as Row[];
    expect(new Set(rows.map(({ asset }) => asset))).toEqual(new Set(['load']));
    expect(rows[0]!['origin']).toBe(new Date(timeOf(30)).toISOString());
    expect((await send('DELETE', `/batch-forecasts/${batchId}`)).status).toBe(204);
    expect(await send('GET', `/batch-forecasts/${batchId}`)).toMatchObject({
      status: 404,
      body: { code: 'BATCH_NOT_FOUND' },
    });
  });

  it('is cancelled while it runs, and has no result', async () => {
    const batchId = await start({ model: 'plant', datasetId: longDataset });
    await until(batchId, ({ status, counts }) => status === 'RUNNING' && (counts?.done ?? 0) > 0);
    expect(await send('DELETE', `/batch-forecasts/${batchId}`)).toMatchObject({
      status: 409,
      body: { code: 'BATCH_STATE', message: `Batch forecast ${batchId} is RUNNING: cancel it first` },
    });
    expect(await send('POST', `/batch-forecasts/${batchId}/cancel`)).toMatchObject({
      status: 200,
      body: { status: 'CANCELLED' },
    });
    expect(await send('GET', `/batch-forecasts/${batchId}/result`)).toMatchObject({
      status: 409,
      body: { code: 'BATCH_STATE' },
    });
  });

  it('runs again after its process was killed', async () => {
    const batchId = await start({ model: 'plant', datasetId: longDataset, stride: 2 });
    await until(batchId, ({ status, counts }) => status === 'RUNNING' && (counts?.done ?? 0) > 0);
    await installation.kill();
    await installation.start();
    expect(await finish(batchId)).toMatchObject({
      status: 'SUCCEEDED',
      interruptions: 1,
      counts: { origins: 1_500, done: 1_500, skipped: 12 },
      rows: (1_500 - 12) * 2 * HORIZON,
    });
    const rows = (await download(batchId, '?format=csv')).trim().split('\n');
    expect(rows).toHaveLength(1 + (1_500 - 12) * 2 * HORIZON);
  }, 240_000);

  it.each([
    [{}, 422, 'PARAMETER_INVALID'],
    [{ endpoint: 'plant', model: 'plant' }, 422, 'PARAMETER_INVALID'],
    [{ endpoint: 'none' }, 404, 'ENDPOINT_NOT_FOUND'],
    [{ model: 'plant', assets: ['wind'] }, 422, 'ASSET_UNKNOWN'],
    [{ model: 'plant', from: '2024-01-02', to: '2024-01-01' }, 422, 'RANGE_INVERTED'],
    [{ model: 'plant', stride: 0 }, 400, 'VALIDATION_FAILED'],
  ])('refuses %j', async (body, status, code) => {
    expect(await send('POST', '/batch-forecasts', body)).toMatchObject({ status, body: { code } });
  });
});
