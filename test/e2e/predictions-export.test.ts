import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { Installation, seasonalCsv } from '../support/service.js';

interface Interval {
  readonly coverage: number;
  readonly lower: number[];
  readonly upper: number[];
}

interface Listed {
  readonly predictionId: string;
  readonly model: string;
  readonly modelVersion: number;
  readonly createdAt: string;
  readonly origin: string;
  readonly forecasts: readonly {
    readonly asset: string;
    readonly times: string[];
    readonly mean: number[];
    readonly intervals: Interval[];
  }[];
}

const COLUMNS = [
  'time',
  'asset',
  'mean',
  'lower_0.8',
  'upper_0.8',
  'lower_0.95',
  'upper_0.95',
  'gapProbability',
  'step',
  'origin',
  'createdAt',
  'predictionId',
  'model',
  'modelVersion',
  'variant',
  'shadowOf',
];
const HORIZON = 3;
/** An export reads them fifty at a time. */
const PREDICTIONS = 53;

/** Real: the service as it ships, a trained model, its endpoint. */
describe('the export of predictions', () => {
  const installation = new Installation();
  /** What the list route says, as rows of the export: newest prediction first, its assets, their steps. */
  let expected: Record<string, string | number | null>[] = [];

  beforeAll(async () => {
    await installation.start();
    const { api } = installation;
    const { datasetId } = await api.upload<{ datasetId: string }>('/datasets?name=plant', seasonalCsv(300), 'text/csv');
    const { templateId } = await api.post<{ templateId: string }>('/templates', {
      name: 'plant',
      parameters: {
        data: { datasetId, targets: ['load', 'temperature'], baseAssets: 'all' },
        windows: { lookBack: 24, horizon: HORIZON },
        algorithm: { name: 'ridge', hyperparameters: {} },
        registration: { model: 'plant' },
      },
    });
    const { executionId } = await api.post<{ executionId: string }>('/executions', { templateId });
    await installation.finish(executionId);
    for (const name of ['plant', 'quiet']) await api.post('/endpoints', { name, model: 'plant' });
    for (let at = 0; at < PREDICTIONS; at++) await api.post('/endpoints/plant/forecast');
    const listed: Listed[] = [];
    let cursor: string | null = null;
    do {
      const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: Listed[]; cursor: string | null } = await api.get(
        `/endpoints/plant/predictions?limit=20${from}`,
      );
      listed.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== null);
    expected = listed.flatMap(({ forecasts, origin, createdAt, predictionId, model, modelVersion }) =>
      forecasts.flatMap(({ asset, times, mean, intervals }) =>
        times.map((time, at) => ({
          time,
          asset,
          mean: mean[at]!,
          ...Object.fromEntries(
            intervals.flatMap(({ coverage, lower, upper }) => [
              [`lower_${coverage}`, lower[at]!],
              [`upper_${coverage}`, upper[at]!],
            ]),
          ),
          // The data has no gap, so there is no gap classifier.
          gapProbability: null,
          step: at + 1,
          origin,
          createdAt,
          predictionId,
          model,
          modelVersion,
          variant: 'AllTraffic',
          shadowOf: '',
        })),
      ),
    );
  }, 240_000);
  afterAll(() => installation.remove());

  const download = async (query: string, endpoint = 'plant') =>
    Buffer.from(await installation.api.bytes(`/endpoints/${endpoint}/predictions/export?${query}`));

  it('has a row for each asset and step of each prediction that the list has, beyond one page', async () => {
    const records = JSON.parse((await download('format=json')).toString()) as Record<string, unknown>[];
    expect(records).toHaveLength(PREDICTIONS * 2 * HORIZON);
    expect(new Set(records.map(({ predictionId }) => predictionId)).size).toBe(PREDICTIONS);
    expect(records).toEqual(expected);
    expect(Object.keys(records[0]!)).toEqual(COLUMNS);
    const split = JSON.parse((await download('format=json&orient=split')).toString()) as unknown;
    expect(split).toEqual({ columns: COLUMNS, data: expected.map((row) => COLUMNS.map((name) => row[name])) });
  });

  it('has the same values as CSV and as Parquet', async () => {
    const [header, ...lines] = (await download('format=csv')).toString().trimEnd().split('\n');
    expect(header).toBe(COLUMNS.join(','));
    expect(lines).toEqual(expected.map((row) => COLUMNS.map((name) => String(row[name] ?? '')).join(',')));
    const bytes = await download('format=parquet');
    const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer, compressors });
    const plain = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
      ),
    );
    expect(plain).toEqual(expected);
  });

  it('keeps to the assets that are asked for', async () => {
    const records = JSON.parse((await download('format=json&assets=temperature')).toString()) as unknown;
    expect(records).toEqual(expected.filter(({ asset }) => asset === 'temperature'));
  });

  it('has a header and no row where nothing was predicted', async () => {
    // Which intervals there are is said by the predictions.
    const always = COLUMNS.filter((name) => !/^(lower|upper)_/.test(name));
    expect((await download('format=csv', 'quiet')).toString()).toBe(`${always.join(',')}\n`);
    expect((await download('format=json', 'quiet')).toString()).toBe('[]\n');
    const rows = await parquetReadObjects({ file: new Uint8Array(await download('format=parquet', 'quiet')).buffer });
    expect(rows).toEqual([]);
  });
});
