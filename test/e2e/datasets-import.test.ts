import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { startDatasetService, type DatasetService } from '../support/dataset-service.js';

const CSV = 'date,A,B\n2024-01-01,1,2\n2024-01-02,2,\n2024-01-03,3,5\n2024-01-04,4,6\n2024-01-07,5,7\n';

/** Real: HTTP, import worker, embedded database. */
describe('importing a dataset over HTTP', () => {
  let service: DatasetService;

  beforeAll(async () => {
    service = await startDatasetService({ TRAINYARD_LIMIT_IMPORT_BYTES: '1000000', TRAINYARD_LIMIT_ROWS: '30000' });
  });
  afterAll(() => service.close());

  it('answers with how the file was read and what is in it', async () => {
    const { status, headers, body } = await service.post('/datasets', CSV, {
      name: ' prices ',
      description: 'two assets',
      assetClass: 'FX',
      assetClasses: '{"B":"Index"}',
      assetDescriptions: '{"A":"the first"}',
    });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/datasets/${String(body.datasetId)}`);
    expect(headers.get('etag')).toBe('"1"');
    expect(body).toEqual({
      datasetId: expect.stringMatching(/^dst_[0-9A-Z]{26}$/) as string,
      name: 'prices',
      version: 1,
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      dryRun: false,
      reading: {
        layout: 'wide',
        format: 'csv',
        delimiter: ',',
        time: {
          column: 'date',
          format: 'YYYY-MM-DD',
          zone: 'UTC',
          zoneAssumed: true,
          example: { text: '2024-01-01', readAs: '2024-01-01T00:00:00.000Z' },
        },
        assetColumn: null,
        rows: 5,
        duplicates: { policy: 'refuse', rows: 0 },
      },
      files: [],
      sameContent: [],
      assets: [
        {
          asset: 'A',
          assetClass: 'FX',
          description: 'the first',
          rows: 5,
          start: '2024-01-01T00:00:00.000Z',
          end: '2024-01-07T00:00:00.000Z',
          axis: {
            medianStepMs: 86_400_000,
            modeStepMs: 86_400_000,
            step: { unit: 'milliseconds', size: 86_400_000 },
            regular: true,
            restDays: [],
            missingRows: 2,
          },
          columns: [
            {
              name: 'value',
              count: 5,
              missing: 0,
              mean: 3,
              std: Math.sqrt(2.5),
              min: 1,
              lowerQuartile: 2,
              median: 3,
              upperQuartile: 4,
              max: 5,
            },
          ],
        },
        expect.objectContaining({ asset: 'B', assetClass: 'Index', description: null }) as object,
      ],
    });
  });

  it('takes a form whose fields come before its file, and gives the same rows the same hash', async () => {
    const form = new FormData();
    form.append('name', 'from a form');
    form.append('valueColumns', 'A');
    form.append('valueColumns', 'B');
    form.append('file', new Blob([CSV.replaceAll('\n', '\r\n')]), 'prices.csv');
    const { status, body } = await service.send('POST', '/datasets', { body: form });
    expect(status).toBe(201);
    const raw = await service.post('/datasets', CSV, { name: 'raw' });
    expect(body.contentHash).toBe(raw.body.contentHash);
  });

  it('reads without storing in a dry run', async () => {
    const before = await service.get('/datasets?limit=500');
    const { status, headers, body } = await service.post('/datasets', CSV, { name: 'dry', dryRun: 'true' });
    expect(status).toBe(200);
    expect(headers.get('location')).toBeNull();
    expect(body).toMatchObject({ datasetId: null, version: null, dryRun: true, reading: { rows: 5 } });
    expect((await service.get('/datasets?limit=500')).body.items).toEqual(before.body.items);
  });

  it('answers a repeated request with the same idempotency key with the same dataset', async () => {
    const key = { 'idempotency-key': 'import-1' };
    const first = await service.post('/datasets', CSV, { name: 'once' }, key);
    const second = await service.post('/datasets', CSV, { name: 'once' }, key);
    expect(second.status).toBe(201);
    expect(second.body.datasetId).toBe(first.body.datasetId);
    expect([first, second].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    const other = await service.post('/datasets', CSV, { name: 'another' }, key);
    expect(other).toMatchObject({
      status: 422,
      body: {
        code: 'IDEMPOTENCY_KEY_REUSED',
        message: `this Idempotency-Key has created dataset ${String(first.body.datasetId)} from other options or data: use a fresh key`,
      },
    });
    await service.send('DELETE', `/datasets/${String(first.body.datasetId)}`);
    const again = await service.post('/datasets', CSV, { name: 'another' }, key);
    expect(again.status).toBe(201);
    expect(again.body.datasetId).not.toBe(first.body.datasetId);
  });

  it('makes one dataset of two simultaneous requests with one key', async () => {
    const key = { 'idempotency-key': 'import-2' };
    const both = await Promise.all([1, 2].map(() => service.post('/datasets', CSV, { name: 'twice' }, key)));
    const { items } = (await service.get('/datasets?limit=500')).body as { items: { name: string }[] };
    expect(items.filter(({ name }) => name === 'twice')).toHaveLength(1);
    for (const { status, body } of both)
      expect([201, 409]).toContain(status === 409 && body.code !== 'CONFLICT' ? 0 : status);
    expect(both.some(({ status }) => status === 201)).toBe(true);
  });

  it.each<[string, string, Record<string, string>, number, string, string]>([
    [
      'a rejected row',
      'date,A\n2024-01-01,1e999\n',
      { name: 'x' },
      422,
      'VALUE_NOT_FINITE',
      '1 of 1 row was rejected and nothing was imported. First: line 2, column "A": "1e999" is not a finite number. ' +
        'No row has a number in "A": leave it out by listing the other columns in valueColumns',
    ],
    ['no data', '', { name: 'x' }, 422, 'DATASET_EMPTY', 'the body is empty: send a header line and at least one row'],
    [
      'a class of an asset that is not there',
      CSV,
      { name: 'x', assetClasses: '{"Z":"FX"}' },
      422,
      'ASSET_UNKNOWN',
      'assetClasses names "Z", and the file has no such asset; it has A, B',
    ],
    ['no name', CSV, {}, 400, 'VALIDATION_FAILED', 'name: name must be shorter than or equal to 128 characters'],
    [
      'an option that does not exist',
      CSV,
      { name: 'x', colour: 'red' },
      400,
      'VALIDATION_FAILED',
      'colour: there is no such field',
    ],
    [
      'a class map that is no map',
      CSV,
      { name: 'x', assetClasses: 'FX' },
      400,
      'VALIDATION_FAILED',
      'assetClasses: assetClasses must be a JSON object from asset to text of at most 500 characters, such as {"EURUSD":"FX"}',
    ],
    [
      'too many rows',
      `date,A\n${Array.from({ length: 30_001 }, (_, at) => `${new Date(at * 60_000).toISOString()},1`).join('\n')}`,
      { name: 'x' },
      422,
      'LIMIT_EXCEEDED',
      'line 30002 brings the import over 30000 rows, the limit of this installation: split the data into several datasets, or raise the limit',
    ],
  ])('refuses %s and stores nothing', async (_, csv, options, status, code, message) => {
    const before = await service.get('/datasets?limit=500');
    const answer = await service.post('/datasets', csv, options);
    expect(answer.status).toBe(status);
    expect(answer.body.code).toBe(code);
    expect(answer.body.message).toContain(message);
    expect((await service.get('/datasets?limit=500')).body).toEqual(before.body);
  });

  it('lists rejected rows in the details', async () => {
    const { body } = await service.post('/datasets', 'date,A\n2024-01-01,1\n2024-01-01,x\n2024-01-01,2\n', {
      name: 'x',
    });
    expect(body).toMatchObject({
      code: 'ROWS_REJECTED',
      details: {
        rows: 3,
        rejectedRows: 2,
        rejectedByCode: { VALUE_NOT_FINITE: 1, TIMESTAMP_DUPLICATE: 1 },
        rejections: [
          { line: 3, column: 'A', code: 'VALUE_NOT_FINITE', value: 'x' },
          { line: 4, column: 'date', code: 'TIMESTAMP_DUPLICATE', value: '2024-01-01' },
        ],
      },
    });
  });

  it.each(['image/png', 'application/xml'])('refuses %s', async (type) => {
    const { status, body } = await service.post('/datasets', '{}', { name: 'x' }, { 'content-type': type });
    expect(status).toBe(415);
    expect(body).toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: `Content-Type "${type}" cannot be imported: send text/csv, application/json, application/x-ndjson, application/vnd.apache.parquet, application/zip, or multipart/form-data with files`,
    });
  });

  it('refuses a body beyond the limit, announced or not', async () => {
    const large = `date,A\n${'2024-01-01,1\n'.repeat(100_000)}`;
    const announced = await service.post('/datasets', large, { name: 'x' });
    const message = `the upload has ${large.length} bytes or more and this installation takes 1000000: split the file and append its parts, or raise TRAINYARD_LIMIT_IMPORT_BYTES`;
    expect(announced).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE', message } });
    const streamed = await service.send('POST', '/datasets?name=x', {
      headers: { 'content-type': 'text/csv' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    });
    expect(streamed).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  });

  it.each<[string, (form: FormData) => void, number, string, string]>([
    [
      'a field after the file',
      (form) => {
        form.append('name', 'x');
        form.append('file', new Blob([CSV]), 'a.csv');
        form.append('layout', 'wide');
      },
      400,
      'MALFORMED_BODY',
      'the field "layout" comes after a file: put all fields before the files',
    ],
    [
      'two files of one name',
      (form) => {
        form.append('name', 'x');
        form.append('file', new Blob([CSV]), 'a.csv');
        form.append('file', new Blob([CSV]), 'a.csv');
      },
      422,
      'ASSET_DUPLICATE',
      'asset "a" is in "a.csv" and in "a.csv": an asset comes from one file',
    ],
    [
      'no file',
      (form) => form.append('name', 'x'),
      400,
      'MALFORMED_BODY',
      'the form has no file: add one part with a filename',
    ],
    [
      'no name',
      (form) => form.append('file', new Blob([CSV.repeat(5000)]), 'a.csv'),
      400,
      'VALIDATION_FAILED',
      'name: name must be shorter than or equal to 128 characters',
    ],
  ])('refuses a form with %s', async (_, fill, status, code, message) => {
    const form = new FormData();
    fill(form);
    const before = await service.get('/datasets?limit=500');
    const answer = await service.send('POST', '/datasets', { body: form });
    expect(answer.status).toBe(status);
    expect(answer.body.code).toBe(code);
    expect(answer.body.message).toContain(message);
    expect((await service.get('/datasets?limit=500')).body).toEqual(before.body);
  });

  it('leaves nothing of an upload that breaks off, and goes on', async () => {
    const before = await service.get('/datasets?limit=500');
    await new Promise<void>((resolve) => {
      const upload = httpRequest(`${service.url}/api/v1/datasets?name=aborted`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
      });
      upload.on('error', () => resolve());
      upload.write(CSV);
      setTimeout(() => upload.destroy(new Error('gone')), 50);
    });
    await delay(100);
    expect((await service.get('/datasets?limit=500')).body).toEqual(before.body);
    expect((await service.post('/datasets', CSV, { name: 'after' })).status).toBe(201);
  });
});
