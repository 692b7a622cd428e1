import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { zipSync } from 'fflate';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DATABASE, type Database } from '#src/database/index.js';
import { startDatasetService, type Answer, type DatasetService } from '../support/dataset-service.js';

const LONG = [
  'time,asset,open,close',
  '2024-01-01,IBM,1,1.5',
  '2024-01-02,IBM,2,',
  '2024-01-02,MSFT,3,3.5',
  '2024-01-04,MSFT,1e-300,0.1',
].join('\n');

/** Real: HTTP, import worker, embedded database. */
describe('datasets in several formats over HTTP', () => {
  let service: DatasetService;
  let datasetId = '';
  let contentHash = '';

  beforeAll(async () => {
    service = await startDatasetService();
    const { body } = await service.post('/datasets', LONG, { name: 'prices', layout: 'long' });
    datasetId = String(body.datasetId);
    contentHash = String(body.contentHash);
  });
  afterAll(() => service.close());

  const download = async (query: string) => {
    const response = await fetch(`${service.url}/api/v1/datasets/${datasetId}/versions/1/export?${query}`);
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const post = (body: Uint8Array | string, type: string, options: Record<string, string>): Promise<Answer> =>
    service.send('POST', `/datasets?${new URLSearchParams({ name: 'x', ...options }).toString()}`, {
      headers: { 'content-type': type },
      body: body as string,
    });
  /** Items of every table there is. */
  const stored = async (): Promise<Record<string, number>> => {
    const { address: endpoint } = service.app.get<Database>(DATABASE, { strict: false });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDB({ endpoint, region: 'us-east-1', credentials });
    const counts: Record<string, number> = {};
    for (const name of (await client.listTables({})).TableNames ?? []) {
      counts[name] = (await client.scan({ TableName: name, Select: 'COUNT' })).Count ?? NaN;
    }
    client.destroy();
    expect(counts.dataset).toBeGreaterThan(0);
    return counts;
  };

  it.each([
    ['format=csv', 'text/csv; charset=utf-8'],
    ['format=json', 'application/json; charset=utf-8'],
    ['format=json&orient=split', 'application/json; charset=utf-8'],
    ['format=parquet', 'application/vnd.apache.parquet'],
  ])('gives the same content hash to what it exported as %s', async (query, type) => {
    const { response, bytes } = await download(query);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="prices-v1\.(csv|json|parquet)"$/,
    );
    const again = await post(bytes, type, { layout: 'long', dryRun: 'true' });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({
      contentHash,
      datasetId: null,
      sameContent: [{ datasetId, name: 'prices', version: 1 }],
    });
  });

  it('exports records that a data frame takes, wide and of some assets', async () => {
    const wide = JSON.parse((await download('format=json&layout=wide')).bytes.toString()) as object[];
    expect(wide).toEqual([
      { time: '2024-01-01T00:00:00.000Z', IBM_open: 1, IBM_close: 1.5, MSFT_open: null, MSFT_close: null },
      { time: '2024-01-02T00:00:00.000Z', IBM_open: 2, IBM_close: null, MSFT_open: 3, MSFT_close: 3.5 },
      { time: '2024-01-04T00:00:00.000Z', IBM_open: null, IBM_close: null, MSFT_open: 1e-300, MSFT_close: 0.1 },
    ]);
    const one = JSON.parse(
      (await download('format=json&orient=split&layout=wide&assets=MSFT')).bytes.toString(),
    ) as object;
    expect(one).toEqual({
      columns: ['time', 'open', 'close'],
      data: [
        ['2024-01-02T00:00:00.000Z', 3, 3.5],
        ['2024-01-04T00:00:00.000Z', 1e-300, 0.1],
      ],
    });
    const unknown = await service.get(`/datasets/${datasetId}/versions/1/export?assets=Z`);
    expect(unknown).toMatchObject({ status: 422, body: { code: 'ASSET_UNKNOWN' } });
  });

  it('takes several files of a form as assets', async () => {
    const form = new FormData();
    form.append('name', 'files');
    form.append('file', new Blob(['date,close\n2024-01-01,1\n']), 'IBM.csv');
    form.append('file', new Blob(['{"date":"2024-01-01","close":2}\n{"date":"2024-01-02","close":3}']), 'MSFT.jsonl');
    const { status, body } = await service.send('POST', '/datasets', { body: form });
    expect(status).toBe(201);
    expect(body.files).toEqual([
      { file: 'IBM.csv', format: 'csv', rows: 1 },
      { file: 'MSFT.jsonl', format: 'json-lines', rows: 2 },
    ]);
    expect((body.assets as { asset: string; rows: number }[]).map(({ asset, rows }) => [asset, rows])).toEqual([
      ['IBM', 1],
      ['MSFT', 2],
    ]);
  });

  it('stores nothing in a dry run, of an import and of an append', async () => {
    const before = await stored();
    const csv = 'time,asset,open,close\n2024-01-05,IBM,5,5\n2024-01-05,IBM,7,\n';
    const options = { dryRun: 'true', duplicates: 'mean' };
    const append = await service.post(`/datasets/${datasetId}/rows`, csv, options);
    expect(append.status).toBe(200);
    expect(append.body).toMatchObject({
      datasetId: null,
      version: null,
      dryRun: true,
      reading: { rows: 2, duplicates: { policy: 'mean', rows: 1 } },
      assets: [{ asset: 'IBM', rows: 3 }],
      sameContent: [],
    });
    expect((await service.post('/datasets', csv, { name: 'dry', layout: 'long', ...options })).status).toBe(200);
    expect(await stored()).toEqual(before);
    const done = await service.post(`/datasets/${datasetId}/rows`, csv, { duplicates: 'mean' });
    expect(done.body).toMatchObject({ version: 2, contentHash: append.body.contentHash });
  });

  it.each<[string, Uint8Array | string, string, Record<string, string>, number, string]>([
    [
      'a Parquet file that breaks off',
      Buffer.from('PAR1 and no more of it'),
      'application/vnd.apache.parquet',
      {},
      422,
      'DATASET_FORMAT_INVALID',
    ],
    ['JSON of another shape', '{"a":1}', 'application/json', {}, 422, 'DATASET_FORMAT_INVALID'],
    ['JSON that is nested', '['.repeat(100_000), 'application/json', {}, 422, 'DATASET_FORMAT_INVALID'],
    [
      'a number of a million digits',
      `date,A\n2024-01-01,${'9'.repeat(1_000_000)}\n`,
      'text/csv',
      {},
      422,
      'VALUE_NOT_FINITE',
    ],
    [
      'what is not UTF-8',
      Buffer.from('date,A\n2024-01-01,\xff\xfe\n', 'latin1'),
      'text/csv',
      {},
      422,
      'DATASET_FORMAT_INVALID',
    ],
    ['an empty zip', zipSync({}), 'application/zip', {}, 422, 'DATASET_EMPTY'],
    ['a zip bomb', zipSync({ 'a.csv': Buffer.alloc(20 * 1024 * 1024) }), 'application/zip', {}, 422, 'LIMIT_EXCEEDED'],
    ['a zone that is none', LONG, 'text/csv', { timeZone: 'Mars/Base' }, 400, 'VALIDATION_FAILED'],
    ['one sign for two purposes', LONG, 'text/csv', { thousandsSeparator: 'point' }, 400, 'VALIDATION_FAILED'],
  ])('refuses %s and stores nothing', async (_, body, type, options, status, code) => {
    const before = await stored();
    const answer = await post(body, type, options);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(String(answer.body.message).length).toBeLessThan(600);
    expect(await stored()).toEqual(before);
  });

  it('detects a long file, says so, and appends to it as it was read', async () => {
    const { status, body } = await post('date,close,item_id\n2024-01-01,1,A\n2024-01-01,2,B\n', 'text/csv', {});
    expect(status).toBe(201);
    expect(body.reading).toMatchObject({ layout: 'long', assetColumn: 'item_id' });
    const append = await service.post(
      `/datasets/${String(body.datasetId)}/rows`,
      'date,item_id,close\n2024-01-02,B,3\n',
      {},
    );
    expect(append.status).toBe(201);
    expect(append.body).toMatchObject({ version: 2, reading: { layout: 'long' }, assets: [{ asset: 'B', rows: 2 }] });
    const stated = await post('date,close,land\n2024-01-01,1,A\n', 'text/csv', { assetColumn: 'land' });
    expect(stated.body).toMatchObject({ reading: { layout: 'long', assetColumn: 'land' }, assets: [{ asset: 'A' }] });
  });

  it('takes a file of one row', async () => {
    const { status, body } = await post('date,A\n2024-01-01,1\n', 'text/csv', {});
    expect(status).toBe(201);
    expect(body.reading).toMatchObject({ rows: 1 });
  });

  it('leaves no scratch file of a Parquet upload that breaks off', async () => {
    await new Promise<void>((resolve) => {
      const upload = httpRequest(`${service.url}/api/v1/datasets?name=gone`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.apache.parquet' },
      });
      upload.on('error', () => resolve());
      upload.write(Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(100_000)]));
      setTimeout(() => upload.destroy(new Error('gone')), 100);
    });
    for (let turn = 0; turn < 50 && (await readdir(join(service.dataDir, 'scratch'))).length > 0; turn++)
      await delay(50);
    expect(await readdir(join(service.dataDir, 'scratch'))).toEqual([]);
  });
});
