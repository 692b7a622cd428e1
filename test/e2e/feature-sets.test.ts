import { parquetReadObjects } from 'hyparquet';
import { Installation, seasonalCsv, type ExecutionAnswer } from '../support/service.js';

interface Column {
  readonly name: string;
  readonly step: string;
  readonly stored: boolean;
  readonly count: number;
  readonly missing: number;
  readonly min: number | null;
  readonly max: number | null;
}

interface FeatureSet {
  readonly hash: string;
  readonly rows: number;
  readonly columnCount: number;
  readonly columns: readonly Column[];
  readonly executions: readonly { readonly executionId: string }[];
}

interface List<Item> {
  readonly items: readonly Item[];
  readonly cursor: string | null;
}

type Started = ExecutionAnswer & { readonly featureSet: string };

const ROWS = 400;

/** Real: the service as it ships, its training processes and its database. */
describe('feature sets over HTTP', () => {
  const installation = new Installation({ TRAINYARD_TRAINING_CONCURRENCY: '1' });
  const executions: Started[] = [];
  let datasetId: string;
  let templateId: string;
  let hash: string;

  beforeAll(async () => {
    await installation.start();
    const upload = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=waves&layout=wide&columnsAs=assets',
      seasonalCsv(ROWS),
      'text/csv',
    );
    ({ datasetId } = upload);
    const template = await installation.api.post<{ templateId: string }>('/templates', {
      name: 'waves',
      parameters: {
        data: { datasetId, targets: ['load'], baseAssets: 'all' },
        features: {
          calendar: { enabled: false },
          lags: { enabled: false },
          steps: [
            // Takes far longer than reading its columns, so that it is kept; the average is not, but on a halting machine.
            { step: 'arima', parameters: { search: true, refitEvery: 10 }, assets: ['load'] },
            { step: 'sma', parameters: { window: 5 } },
          ],
        },
        windows: { lookBack: 24, horizon: 6 },
        algorithm: { name: 'ridge' },
      },
    });
    ({ templateId } = template);
    while (executions.length < 2) {
      const { executionId } = await installation.api.post<Started>('/executions', { templateId });
      executions.push((await installation.finish(executionId)) as Started);
    }
    hash = executions[0]!.featureSet;
  }, 240_000);
  afterAll(() => installation.remove());

  const request = async (method: string, path: string) => {
    const response = await fetch(`${installation.url}/api/v1${path}`, { method });
    const text = await response.text();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: response.status, body };
  };
  const get = <Answer>(path: string) => installation.api.get<Answer>(path);
  const idsOf = (list: readonly { readonly executionId: string }[]) =>
    list.map(({ executionId }) => executionId).sort();
  const ids = () => idsOf(executions);

  it('has one set of two executions with the same features; the second one takes them from the store', async () => {
    const { items, cursor } = await get<List<FeatureSet>>('/feature-sets');
    expect(cursor).toBeNull();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ hash, rows: ROWS, columnCount: 5, steps: ['arima', 'sma'] });
    expect((await get<List<FeatureSet>>(`/feature-sets?datasetId=${datasetId}`)).items).toEqual(items);
    expect((await get<List<FeatureSet>>('/feature-sets?datasetId=dst_other')).items).toEqual([]);

    const set = await get<FeatureSet>(`/feature-sets/${hash}`);
    expect(set).toMatchObject({
      createdBy: executions[0]!.executionId,
      start: '2024-01-01T00:00:00.000Z',
      columns: [
        { name: 'load_ARIMA_search', asset: 'load', step: 'arima', stored: true },
        { name: 'load_ARIMA_search_residual', stored: true },
        { name: 'load_ARIMA_search_next', stored: true },
        { name: 'load_SMA_5', step: 'sma', count: ROWS - 4, missing: 4 },
        { name: 'temperature_SMA_5', asset: 'temperature' },
      ],
    });
    expect(idsOf(set.executions)).toEqual(ids());
    const used = await get<List<{ executionId: string }>>(`/feature-sets/${hash}/executions?limit=1`);
    const rest = await get<List<{ executionId: string; datasetVersion: number }>>(
      `/feature-sets/${hash}/executions?limit=1&cursor=${used.cursor}`,
    );
    expect(idsOf([...used.items, ...rest.items])).toEqual(ids());
    expect(rest.items[0]).toMatchObject({ datasetId, datasetVersion: 1 });

    const sentences = await Promise.all(
      executions.map(async ({ executionId }) => {
        const logs = await get<List<{ message: string }>>(`/executions/${executionId}/logs`);
        return logs.items.map(({ message }) => message).find((message) => message.startsWith('Feature set '));
      }),
    );
    expect(sentences[0]).toMatch(/: 0 of 5 columns from the store, 5 computed in \d+\.\d\d s$/);
    expect(sentences[1]).toMatch(/: [345] of 5 columns from the store, [012] computed in \d+\.\d\d s$/);
  });

  it('is named in the detail of the execution and in the lineage of the model version', async () => {
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(executions.map(({ featureSet }) => featureSet)).toEqual([hash, hash]);
    const models = executions.map(({ model }) => `/models/${model.name}/versions/${model.version}`);
    const versions = await Promise.all(models.map((path) => get<{ featureSet: string }>(path)));
    expect(versions.map(({ featureSet }) => featureSet)).toEqual([hash, hash]);
    // The same columns, wherever they came from, train the same model.
    expect(executions[1]!.modelSha256).toBe(executions[0]!.modelSha256);
  });

  it('is exported with kept and recomputed columns, in every format the same numbers', async () => {
    const { columns } = await get<FeatureSet>(`/feature-sets/${hash}`);
    const names = ['time', ...columns.map(({ name }) => name)];
    const download = async (query: string) => installation.api.bytes(`/feature-sets/${hash}/export?${query}`);
    const text = async (query: string) => new TextDecoder().decode(await download(query));
    const split = JSON.parse(await text('format=json&orient=split')) as {
      columns: string[];
      data: (string | number | null)[][];
    };
    expect(split.columns).toEqual(names);
    expect(split.data.map(([time]) => time)).toEqual(
      Array.from({ length: ROWS }, (_, row) => new Date(Date.UTC(2024, 0, 1, row)).toISOString()),
    );
    columns.forEach(({ count, missing, min, max }, at) => {
      const numbers = split.data.flatMap((row) => (typeof row[at + 1] === 'number' ? [row[at + 1] as number] : []));
      expect([numbers.length, split.data.length - numbers.length]).toEqual([count, missing]);
      expect([Math.min(...numbers), Math.max(...numbers)]).toEqual([min, max]);
    });

    const records = split.data.map((row): Record<string, unknown> =>
      Object.fromEntries(row.map((value, at) => [names[at] ?? '', value])),
    );
    expect(JSON.parse(await text('format=json'))).toEqual(records);
    const [header, ...lines] = (await text('format=csv')).trimEnd().split(/\r?\n/);
    expect(header).toBe(names.join(','));
    const fields = lines.map((line) =>
      line.split(',').map((field, at): string | number => (at === 0 ? field : Number(field || NaN))),
    );
    expect(fields).toEqual(split.data.map((row) => row.map((value) => value ?? NaN)));
    const { buffer } = new Uint8Array(await download('format=parquet'));
    const parquet = await parquetReadObjects({ file: buffer });
    expect(parquet.map((row) => ({ ...row, time: (row.time as Date).toISOString() }))).toEqual(records);

    const { headers } = await fetch(`${installation.url}/api/v1/feature-sets/${hash}/export`);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="features-${hash.slice(0, 12)}.csv"`);
  });

  it.each(['/feature-sets/nothing', '/feature-sets/nothing/executions', '/feature-sets/nothing/export'])(
    '%s is answered with 404',
    async (path) => {
      expect(await request('GET', path)).toMatchObject({
        status: 404,
        body: {
          code: 'FEATURE_SET_NOT_FOUND',
          message: 'There is no feature set nothing: GET /api/v1/feature-sets lists those there are',
          details: { hash: 'nothing' },
        },
      });
    },
  );

  it('refuses a format that there is not', async () => {
    expect(await request('GET', `/feature-sets/${hash}/export?format=xlsx`)).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED' },
    });
  });

  it('loses a usage with its execution, and the set with its dataset', async () => {
    const remove = async (path: string) => (await request('DELETE', path)).status;
    const [first, second] = executions as [Started, Started];
    const modelOf = ({ model }: Started) => `/models/${model.name}/versions/${model.version}`;
    expect(await remove(modelOf(first))).toBe(204);
    expect(await remove(`/executions/${first.executionId}`)).toBe(204);
    const left = await get<List<{ executionId: string }>>(`/feature-sets/${hash}/executions`);
    expect(idsOf(left.items)).toEqual([second.executionId]);
    expect((await get<FeatureSet>(`/feature-sets/${hash}`)).columnCount).toBe(5);

    expect(await request('DELETE', `/datasets/${datasetId}`)).toMatchObject({
      status: 409,
      body: { code: 'DATASET_IN_USE' },
    });
    expect(await remove(modelOf(second))).toBe(204);
    expect(await remove(`/executions/${second.executionId}`)).toBe(204);
    // Without executions it stays for those to come, until the clean-up or until its rows are gone.
    expect((await get<FeatureSet>(`/feature-sets/${hash}`)).executions).toEqual([]);
    expect(await remove(`/templates/${templateId}`)).toBe(204);
    expect(await remove(`/datasets/${datasetId}`)).toBe(204);
    expect((await get<List<FeatureSet>>('/feature-sets')).items).toEqual([]);
    expect(await installation.api.status(`/feature-sets/${hash}`)).toBe(404);
  });
});
