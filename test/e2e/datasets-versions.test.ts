import { DATABASE, type Database } from '#src/database/index.js';
import { CHUNK_TABLE } from '#src/datasets/dataset.entity.js';
import { DatasetsService } from '#src/datasets/index.js';
import { startDatasetService, type DatasetService } from '../support/dataset-service.js';

interface Asset {
  asset: string;
  rows: number;
  axis: { missingRows: number };
  columns: { name: string; count: number }[];
}

const LONG = 'time,asset,open,close\n2024-01-01,X,1,2\n2024-01-02,X,3,4\n2024-01-01,Y,5,\n';
const hours = (from: number, to: number) =>
  `time,A,B\n${Array.from({ length: to - from }, (_, at) => {
    const hour = from + at;
    return `${new Date(hour * 3_600_000).toISOString()},${hour},${hour % 5 === 0 ? '' : hour / 3}`;
  }).join('\n')}\n`;

/** Real: HTTP, import worker, embedded database. */
describe('datasets and their versions', () => {
  let service: DatasetService;
  let datasets: DatasetsService;

  beforeAll(async () => {
    service = await startDatasetService();
    datasets = service.app.get(DatasetsService);
  });
  afterAll(() => service.close());

  async function create(csv: string, options: Record<string, string>): Promise<string> {
    const { status, body } = await service.post('/datasets', csv, options);
    expect(status).toBe(201);
    return String(body.datasetId);
  }

  it('pages the list, newest first', async () => {
    const ids: string[] = [];
    for (const name of ['p1', 'p2', 'p3']) ids.push(await create(LONG, { name, layout: 'long' }));
    const first = await service.get('/datasets?limit=2');
    const items = first.body.items as { datasetId: string; name: string }[];
    expect(items.map(({ datasetId }) => datasetId)).toEqual([ids[2], ids[1]]);
    const next = await service.get(`/datasets?limit=2&cursor=${encodeURIComponent(String(first.body.cursor))}`);
    expect((next.body.items as { datasetId: string }[])[0]?.datasetId).toBe(ids[0]);
    expect(next.body.cursor).toBeNull();
    expect((await service.get('/datasets?cursor=nonsense')).body.code).toBe('CURSOR_INVALID');
  });

  it('shows a dataset with its ETag', async () => {
    const id = await create(LONG, { name: 'shown', layout: 'long', description: 'for show' });
    const { headers, body } = await service.get(`/datasets/${id}`);
    expect(headers.get('etag')).toBe('"1"');
    expect(body).toMatchObject({
      datasetId: id,
      name: 'shown',
      description: 'for show',
      newestVersion: 1,
      assets: 2,
      rows: 3,
      start: '2024-01-01T00:00:00.000Z',
      end: '2024-01-02T00:00:00.000Z',
    });
  });

  it('gives other rooms versions and frames, each with buffers of its own', async () => {
    const id = await create(LONG, { name: 'frames', layout: 'long', assetClass: 'FX' });
    const version = await datasets.getVersion(id, null);
    expect(version).toMatchObject({ datasetId: id, name: 'frames', version: 1 });
    expect(version.assets).toEqual([
      {
        id: 'X',
        assetClass: 'FX',
        columns: ['open', 'close'],
        rows: 2,
        start: Date.UTC(2024, 0, 1),
        end: Date.UTC(2024, 0, 2),
      },
      {
        id: 'Y',
        assetClass: 'FX',
        columns: ['open', 'close'],
        rows: 1,
        start: Date.UTC(2024, 0, 1),
        end: Date.UTC(2024, 0, 1),
      },
    ]);
    const [y, x] = await datasets.loadFrames(id, 1, ['Y', 'X']);
    expect(y).toMatchObject({ asset: 'Y', assetClass: 'FX', frame: { names: ['open', 'close'] } });
    expect(y!.frame.columns.map((column) => [...column])).toEqual([[5], [NaN]]);
    expect(x!.frame.columns.map((column) => [...column])).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(x!.frame.times.buffer).not.toBe(y!.frame.times.buffer);
    await expect(datasets.loadFrames(id, 1, ['Z'])).rejects.toMatchObject({
      code: 'ASSET_UNKNOWN',
      message: 'dataset "frames" version 1 has no asset "Z"; it has X, Y',
    });
  });

  it('appends across chunk borders as if all rows had come at once', async () => {
    const [rows, more] = [30_000, 25_000];
    const id = await create(hours(0, rows), { name: 'grows' });
    const appended = await service.post(`/datasets/${id}/rows`, hours(rows + 10, rows + more));
    expect(appended.status).toBe(201);
    expect(appended.headers.get('etag')).toBe('"2"');
    expect(appended.body).toMatchObject({ datasetId: id, version: 2 });
    expect(
      (appended.body.assets as Asset[]).map(({ asset, rows: total, axis }) => [asset, total, axis.missingRows]),
    ).toEqual([
      ['A', rows + more - 10, 10],
      ['B', rows + more - 10, 10],
    ]);
    const whole =
      hours(0, rows) +
      hours(rows + 10, rows + more)
        .split('\n')
        .slice(1)
        .join('\n');
    const once = await service.post('/datasets', whole, { name: 'at once' });
    expect(appended.body.contentHash).toBe(once.body.contentHash);
    const [frame] = await datasets.loadFrames(id, 2, ['A']);
    expect(frame!.frame.columns[0]).toHaveLength(rows + more - 10);
    expect([frame!.frame.columns[0]![rows - 1], frame!.frame.columns[0]![rows]]).toEqual([rows - 1, rows + 10]);
    expect((await datasets.loadFrames(id, 1, ['A']))[0]!.frame.times).toHaveLength(rows);
    expect((await service.get(`/datasets/${id}/versions/1`)).body).toMatchObject({ version: 1, rows });
  });

  it('does not hand out rows that are not what was imported', async () => {
    const id = await create(hours(0, 5), { name: 'damaged' });
    const table = service.app.get<Database>(DATABASE).table(CHUNK_TABLE);
    const { items } = await table.query({ partition: id });
    const {
      hash,
      form,
      generation,
      content: stored,
    } = items.find(({ content }) => Buffer.from(content, 'base64').length === 40)!;
    const content = Buffer.from(stored, 'base64');
    content[3]! ^= 1;
    await table.put({ datasetId: id, hash, form, generation, content: content.toString('base64') });
    const remedy = 'restore the database from a copy, or import the data again';
    await expect(datasets.loadFrames(id, 1, ['A', 'B'])).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      message: `chunk ${hash} of dataset ${id} does not have the bytes its hash names: ${remedy}`,
    });
    await table.delete({ datasetId: id, hash });
    await expect(datasets.loadFrames(id, 1, ['A', 'B'])).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      message: `chunk ${hash} of dataset ${id} is missing: ${remedy}`,
    });
  });

  it('previews first and last rows of chosen assets', async () => {
    const id = await create(hours(0, 30_000), { name: 'preview' });
    const { body } = await service.get(`/datasets/${id}/versions/1/preview?rows=2&assets=B`);
    const last = (hour: number) => ({ time: new Date(hour * 3_600_000).toISOString(), values: [hour / 3] });
    expect(body).toEqual({
      datasetId: id,
      version: 1,
      assets: [
        {
          asset: 'B',
          columns: ['value'],
          rows: 30_000,
          first: [
            { time: '1970-01-01T00:00:00.000Z', values: [null] },
            { time: '1970-01-01T01:00:00.000Z', values: [1 / 3] },
          ],
          last: [last(29_998), last(29_999)],
        },
      ],
    });
    const all = await service.get(`/datasets/${id}/versions/1/preview`);
    expect(
      (all.body.assets as { asset: string; first: object[] }[]).map(({ asset, first }) => [asset, first.length]),
    ).toEqual([
      ['A', 5],
      ['B', 5],
    ]);
    expect((await service.get(`/datasets/${id}/versions/1/preview?rows=0`)).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: 'rows: rows must not be less than 1',
    });
  });

  it('shows the gap table of chosen assets, by the thresholds asked for', async () => {
    const rows = Array.from({ length: 100 }, (_, hour) => hour)
      .filter((hour) => hour !== 5 && (hour < 50 || hour >= 65))
      .map((hour) => `${new Date(hour * 3_600_000).toISOString()},${hour},${hour === 90 ? '' : hour}`);
    const id = await create(`date,A,B\n${rows.join('\n')}\n`, { name: 'gaps' });
    const { body } = await service.get(`/datasets/${id}/versions/1/gaps?assets=A`);
    const asset = {
      asset: 'A',
      column: 'value',
      step: { unit: 'milliseconds', size: 3_600_000 },
      regular: true,
      observedRows: 84,
      missingRows: 16,
      smallGaps: 1,
      largeGaps: 1,
      longestGapRows: 15,
      gaps: [
        { start: '1970-01-01T05:00:00.000Z', end: '1970-01-01T05:00:00.000Z', rows: 1, share: 0.01, size: 'small' },
        { start: '1970-01-03T02:00:00.000Z', end: '1970-01-03T16:00:00.000Z', rows: 15, share: 0.15, size: 'large' },
      ],
    };
    expect(body).toEqual({ datasetId: id, version: 1, stepFactor: 1.5, largeShare: 0.1, assets: [asset] });
    const paged = await service.get(`/datasets/${id}/versions/1/gaps?largeShare=0.2&limit=1&offset=2`);
    expect(paged.body.assets).toMatchObject([
      { asset: 'A', smallGaps: 2, largeGaps: 0, gaps: [] },
      { asset: 'B', smallGaps: 3, missingRows: 17, gaps: [{ start: '1970-01-04T18:00:00.000Z', rows: 1 }] },
    ]);
    expect((await service.get(`/datasets/${id}/versions/1/gaps?stepFactor=0.5`)).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: 'stepFactor: stepFactor must not be less than 1',
    });
    expect((await service.get(`/datasets/${id}/versions/1/gaps?column=close`)).body).toMatchObject({
      code: 'COLUMN_UNKNOWN',
      message: 'asset A has no column "close"; it has value',
    });
  });

  it('keeps assets that get no rows, and takes new ones where that is stated', async () => {
    const id = await create(LONG, { name: 'assets', layout: 'long', assetClass: 'FX' });
    const rows = 'time,asset,close,open\n2024-01-03,X,40,30\n2024-01-03,Z,1,2\n';
    expect((await service.post(`/datasets/${id}/rows`, rows)).body).toMatchObject({
      code: 'ASSET_UNKNOWN',
      message: 'dataset "assets" has no asset "Z": correct the name, or state newAssets=true',
    });
    const { body } = await service.post(`/datasets/${id}/rows`, rows, { newAssets: 'true', assetClass: 'Index' });
    expect((body.assets as Asset[]).map(({ asset, rows: total }) => [asset, total])).toEqual([
      ['X', 3],
      ['Z', 1],
    ]);
    const version = await datasets.getVersion(id, 2);
    expect(version.assets.map((asset) => [asset.id, asset.rows, asset.assetClass, asset.columns])).toEqual([
      ['X', 3, 'FX', ['open', 'close']],
      ['Y', 1, 'FX', ['open', 'close']],
      ['Z', 1, 'Index', ['close', 'open']],
    ]);
    const [x] = await datasets.loadFrames(id, 2, ['X']);
    expect(x!.frame.columns.map((column) => [...column])).toEqual([
      [1, 3, 30],
      [2, 4, 40],
    ]);
  });

  it.each<[string, string, string, string]>([
    [
      'rows that do not come after the last one',
      'time,asset,open,close\n2024-01-02,X,1,1\n',
      'APPEND_NOT_AFTER',
      'the first appended row of "X" is of 2024-01-02T00:00:00.000Z and its last row is of 2024-01-02T00:00:00.000Z: append only rows after that',
    ],
    [
      'a column too few',
      'time,asset,open\n2024-01-03,X,1\n',
      'COLUMN_UNKNOWN',
      'the column "close" is missing: asset "X" has the columns "open", "close", and appended rows need exactly these',
    ],
    [
      'a column too many',
      'time,asset,open,close,high\n2024-01-03,X,1,1,1\n',
      'COLUMN_UNKNOWN',
      'there is no column "high": asset "X" has the columns "open", "close", and appended rows need exactly these',
    ],
    [
      'another reading of time',
      'time,asset,open,close\n2024-01-03T00:00Z,X,1,1\n',
      'TIME_ZONES_MIXED',
      'the appended timestamps, such as "2024-01-03T00:00Z", have the zone UTC, and those of the dataset, such as "2024-01-01", have no time zone: write them alike',
    ],
  ])('refuses to append %s', async (_, csv, code, message) => {
    const id = await create(LONG, { name: 'strict', layout: 'long' });
    const options: Record<string, string> = code === 'TIME_ZONES_MIXED' ? { timeFormat: 'YYYY-MM-DD HH:mm:ss' } : {};
    const answer = await service.post(`/datasets/${id}/rows`, csv, options);
    expect(answer).toMatchObject({ status: 422, body: { code, message } });
    expect((await service.get(`/datasets/${id}`)).body).toMatchObject({ newestVersion: 1, rows: 3 });
  });

  it('appends only to the version that If-Match names', async () => {
    const id = await create(hours(0, 5), { name: 'matched' });
    const wrong = await service.post(`/datasets/${id}/rows`, hours(5, 6), {}, { 'if-match': '"7"' });
    expect(wrong).toMatchObject({
      status: 412,
      body: {
        code: 'PRECONDITION_FAILED',
        message: 'If-Match: "7" does not name the current version "1": read the resource again and repeat the change',
      },
    });
    expect((await service.post(`/datasets/${id}/rows`, hours(5, 6), {}, { 'if-match': '"1"' })).status).toBe(201);
  });

  it('puts simultaneous appends one after the other', async () => {
    const id = await create(hours(0, 5), { name: 'raced' });
    const both = await Promise.all([
      service.post(`/datasets/${id}/rows`, hours(5, 6)),
      service.post(`/datasets/${id}/rows`, hours(5, 6)),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(both.find(({ status }) => status === 422)?.body.code).toBe('APPEND_NOT_AFTER');
    expect((await service.get(`/datasets/${id}`)).body).toMatchObject({ newestVersion: 2, rows: 6 });
  });

  it('deletes what nobody uses, with all its versions', async () => {
    const id = await create(hours(0, 5), { name: 'goes' });
    await service.post(`/datasets/${id}/rows`, hours(5, 6));
    const users: string[] = ['tpl_1', 'tpl_2'];
    datasets.registerUsageCheck('templates', (datasetId) => Promise.resolve(datasetId === id ? users : []));
    expect(await service.send('DELETE', `/datasets/${id}`)).toMatchObject({
      status: 409,
      body: {
        code: 'DATASET_IN_USE',
        message: `dataset "goes" (${id}) is used by templates tpl_1, tpl_2: delete those first`,
        details: { users: { templates: ['tpl_1', 'tpl_2'] } },
      },
    });
    users.length = 0;
    const wrong = await service.send('DELETE', `/datasets/${id}`, { headers: { 'if-match': '"1"' } });
    expect(wrong.body.code).toBe('PRECONDITION_FAILED');
    expect((await service.send('DELETE', `/datasets/${id}`, { headers: { 'if-match': '"2"' } })).status).toBe(204);
    const message = `there is no dataset ${id}: GET /api/v1/datasets lists those there are`;
    for (const path of [`/datasets/${id}`, `/datasets/${id}/versions/1`, `/datasets/${id}/versions/2/preview`]) {
      expect(await service.get(path)).toMatchObject({ status: 404, body: { code: 'DATASET_NOT_FOUND', message } });
    }
    expect((await service.post(`/datasets/${id}/rows`, hours(6, 7))).body).toMatchObject({
      code: 'DATASET_NOT_FOUND',
      message,
    });
  });

  it('says which versions there are', async () => {
    const id = await create(hours(0, 5), { name: 'one version' });
    expect(await service.get(`/datasets/${id}/versions/2`)).toMatchObject({
      status: 404,
      body: { code: 'DATASET_NOT_FOUND', message: `dataset ${id} has no version 2; its newest is 1` },
    });
    expect((await service.get(`/datasets/${id}/versions/newest`)).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: 'version: a version is named by its number: 1, 2, …',
    });
  });
});
