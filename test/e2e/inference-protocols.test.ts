import { Installation, seasonalCsv } from '../support/service.js';

const ROWS = 300;
const WINDOW = 48;

interface Native {
  readonly inferenceId?: string;
  readonly forecasts: readonly {
    readonly asset: string;
    readonly times: string[];
    readonly mean: number[];
    readonly intervals: { readonly coverage: number; readonly lower: number[]; readonly upper: number[] }[];
  }[];
}

interface Tensor {
  readonly name: string;
  readonly shape: number[];
  readonly datatype: string;
  readonly data: (number | string)[];
}

/** Real: the service as it ships; requests as the protocols' own documents write them. */
describe('Open Inference Protocol v2 and MLflow scoring', () => {
  const installation = new Installation();
  const cells = new TextDecoder()
    .decode(seasonalCsv(ROWS))
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const last = cells.slice(-WINDOW);
  const times = last.map((row) => row[0]!);
  const load = last.map((row) => Number(row[1]));
  const temperature = last.map((row) => Number(row[2]));
  let expected: Native['forecasts'][number];
  let templateId = '';

  const call = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${installation.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...(isRaw || body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined
        ? {}
        : { body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes };
  };
  const jsonOf = async <Body>(answer: ReturnType<typeof call>) => {
    const { status, bytes } = await answer;
    return { status, body: JSON.parse(new TextDecoder().decode(bytes)) as Body };
  };

  beforeAll(async () => {
    await installation.start();
    const { api } = installation;
    const { datasetId } = await api.upload<{ datasetId: string }>(
      '/datasets?name=plant&layout=wide&columnsAs=assets',
      seasonalCsv(ROWS),
      'text/csv',
    );
    ({ templateId } = await api.post<{ templateId: string }>('/templates', {
      name: 'plant',
      parameters: {
        data: { datasetId, targets: ['load'], baseAssets: 'all' },
        features: { calendar: { enabled: true } },
        windows: { lookBack: 24, horizon: 3 },
        algorithm: { name: 'ridge' },
      },
    }));
    const { executionId } = await api.post<{ executionId: string }>('/executions', { templateId });
    const { model } = await installation.finish(executionId);
    await api.post('/endpoints', { name: 'plant', model: model.name });
    const window = { times, series: { load, temperature } };
    expected = (await api.post<Native>('/endpoints/plant/forecast', { window })).forecasts[0]!;
  }, 240_000);
  afterAll(() => installation.remove());

  describe('Open Inference Protocol', () => {
    it('tells whether server and models are there and ready, and what a model takes and gives', async () => {
      expect(await jsonOf(call('/v2/health/live'))).toEqual({ status: 200, body: { live: true } });
      expect(await jsonOf(call('/v2/health/ready'))).toEqual({ status: 200, body: { ready: true } });
      expect(await jsonOf(call('/v2'))).toMatchObject({
        status: 200,
        body: { name: 'trainyard', extensions: ['binary_tensor_data'] },
      });
      expect(await jsonOf(call('/v2/models/plant/ready'))).toEqual({
        status: 200,
        body: { name: 'plant', ready: true },
      });
      expect(await jsonOf(call('/v2/models/plant/versions/1/ready'))).toMatchObject({ status: 200 });
      const metadata = await jsonOf(call('/v2/models/plant'));
      expect(metadata).toEqual({
        status: 200,
        body: {
          name: 'plant',
          versions: ['1'],
          platform: 'trainyard',
          inputs: [
            { name: 'load', datatype: 'FP64', shape: [-1, -1] },
            { name: 'temperature', datatype: 'FP64', shape: [-1, -1] },
            { name: 'inputs', datatype: 'FP64', shape: [-1, -1, 2] },
            { name: 'times', datatype: 'BYTES', shape: [-1, -1] },
          ],
          outputs: [
            ...['load', 'load_q0.025', 'load_q0.1', 'load_q0.5', 'load_q0.9', 'load_q0.975'].map((name) => ({
              name,
              datatype: 'FP64',
              shape: [-1, 3],
            })),
            { name: 'times', datatype: 'BYTES', shape: [-1, 3] },
          ],
        },
      });
      expect((await call('/v2/models/plant/versions/1')).status).toBe(200);
    });

    it('infers from tensors by asset or from one of all assets, with and without times, a batch at once', async () => {
      const byAsset = [
        { name: 'load', shape: [WINDOW], datatype: 'FP64', data: load },
        { name: 'temperature', shape: [WINDOW], datatype: 'FP64', data: temperature },
      ];
      const stamps = { name: 'times', shape: [WINDOW], datatype: 'BYTES', data: times };
      const rows = load.map((value, at) => [value, temperature[at]!]);
      const matrix = { name: 'inputs', shape: [2, WINDOW, 2], datatype: 'FP64', data: [rows, rows] };
      const requests = [
        { id: '42', inputs: [...byAsset, stamps] },
        { inputs: byAsset },
        { inputs: [matrix, { ...stamps, shape: [1, WINDOW] }] },
      ];
      for (const request of requests) {
        const { status, body } = await jsonOf<{ outputs: Tensor[]; id?: string }>(
          call('/v2/models/plant/infer', request),
        );
        expect(status).toBe(200);
        const batch = request.inputs.includes(matrix as never) ? 2 : 1;
        expect(body).toMatchObject({ model_name: 'plant', model_version: '1' });
        expect(body.id).toBe('id' in request ? '42' : undefined);
        const found = Object.fromEntries(body.outputs.map((output) => [output.name, output]));
        const repeated = <Value>(values: readonly Value[]): Value[] =>
          Array<Value[]>(batch)
            .fill([...values])
            .flat();
        expect(found.load).toEqual({
          name: 'load',
          shape: [batch, 3],
          datatype: 'FP64',
          data: repeated(expected.mean),
        });
        expect(found.times).toMatchObject({ datatype: 'BYTES', data: repeated(expected.times) });
        expect(found['load_q0.9']!.data).toEqual(repeated(expected.intervals[0]!.upper));
      }
      const { items } = await installation.api.get<{ items: Native[] }>('/endpoints/plant/predictions');
      expect(items.filter(({ inferenceId }) => inferenceId === '42')).toHaveLength(1);
    });

    it('reads and writes binary tensors', async () => {
      const texts = times.flatMap((time) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(time.length);
        return [length, Buffer.from(time)];
      });
      const parts = [Buffer.from(Float64Array.from(load).buffer), Buffer.from(Float64Array.from(temperature).buffer)];
      const stamps = Buffer.concat(texts);
      const header = Buffer.from(
        JSON.stringify({
          inputs: [
            ...['load', 'temperature'].map((name) => ({
              name,
              shape: [1, WINDOW],
              datatype: 'FP64',
              parameters: { binary_data_size: WINDOW * 8 },
            })),
            {
              name: 'times',
              shape: [1, WINDOW],
              datatype: 'BYTES',
              parameters: { binary_data_size: stamps.byteLength },
            },
          ],
          outputs: [{ name: 'load_q0.1' }, { name: 'load', parameters: { binary_data: true } }],
        }),
      );
      const body = Buffer.concat([header, ...parts, stamps]);
      const answer = await call('/v2/models/plant/infer', body, {
        'inference-header-content-length': String(header.byteLength),
      });
      expect(answer.status).toBe(200);
      const length = Number(answer.headers.get('inference-header-content-length'));
      expect(JSON.parse(new TextDecoder().decode(answer.bytes.subarray(0, length)))).toEqual({
        model_name: 'plant',
        model_version: '1',
        outputs: [
          { name: 'load_q0.1', shape: [1, 3], datatype: 'FP64', data: expected.intervals[0]!.lower },
          { name: 'load', shape: [1, 3], datatype: 'FP64', parameters: { binary_data_size: 24 } },
        ],
      });
      expect([...new Float64Array(answer.bytes.slice(length).buffer)]).toEqual(expected.mean);
      const cut = await jsonOf(
        call('/v2/models/plant/infer', body.subarray(0, -1), {
          'inference-header-content-length': String(header.byteLength),
        }),
      );
      expect(cut).toEqual({
        status: 400,
        body: {
          error: `inputs[2] has a binary_data_size of ${stamps.byteLength}; ${stamps.byteLength - 1} bytes are left`,
        },
      });
    });

    it('asks the variant of a version', async () => {
      const { api } = installation;
      const { executionId } = await api.post<{ executionId: string }>('/executions', {
        templateId,
        overrides: { algorithm: { name: 'naive', hyperparameters: {} } },
      });
      const { model } = await installation.finish(executionId);
      expect(model.version).toBe(2);
      const variants = [
        { name: 'old', version: 1, weight: 1 },
        { name: 'new', version: 2, weight: 0 },
      ];
      await api.post('/endpoints', { name: 'split', model: model.name, variants });
      const metadata = await jsonOf<{ versions: string[] }>(call('/v2/models/split'));
      expect(metadata.body.versions).toEqual(['1', '2']);
      const request = {
        inputs: [
          {
            name: 'inputs',
            shape: [WINDOW, 2],
            datatype: 'FP64',
            data: load.flatMap((value, at) => [value, temperature[at]!]),
          },
        ],
        outputs: [{ name: 'load' }],
      };
      const forecasts = {
        '': expected.mean,
        '/versions/1': expected.mean,
        '/versions/2': Array(3).fill(load[WINDOW - 1]),
      };
      for (const [path, mean] of Object.entries(forecasts)) {
        const { body } = await jsonOf<{ outputs: Tensor[] }>(call(`/v2/models/split${path}/infer`, request));
        expect(body).toMatchObject({ model_version: path === '/versions/2' ? '2' : '1', outputs: [{ data: mean }] });
      }
    }, 120_000);

    it('answers errors as {"error"}', async () => {
      const input = { name: 'load', shape: [2], datatype: 'FP64', data: [1, 2] };
      const tries: [unknown, number, string][] = [
        [{ inputs: [{ ...input, shape: [3] }] }, 400, 'inputs[0].data: has 2 elements; shape [3] has 3'],
        [{ inputs: [{ ...input, datatype: 'INT8' }] }, 400, 'inputs[0].datatype: must be among FP64, FP32, BYTES'],
        [
          { inputs: [{ ...input, name: 'wind' }] },
          400,
          'inputs.wind: the model takes load, temperature, inputs, times',
        ],
        [{ inputs: [input] }, 422, 'The model takes the series load, temperature; missing: temperature'],
        [
          { inputs: [input], outputs: [{ name: 'load_q0.3' }] },
          400,
          'outputs[0].name: the model gives load, load_q0.025',
        ],
        [{ inputs: [] }, 422, 'The body asks for 0 forecasts'],
      ];
      for (const [request, status, message] of tries) {
        const answer = await jsonOf<{ error: string }>(call('/v2/models/plant/infer', request));
        expect(answer).toEqual({ status, body: { error: expect.stringContaining(message) as string } });
      }
      expect(await jsonOf(call('/v2/models/nobody'))).toEqual({
        status: 404,
        body: { error: 'There is no endpoint "nobody"' },
      });
      const other = await jsonOf<{ error: string }>(call('/v2/models/plant/versions/7/ready'));
      expect(other.status).toBe(404);
      expect(other.body.error).toContain('serves version 1 of its model, not 7');
      expect((await jsonOf<{ error: string }>(call('/v2/models/plant/infer', '{'))).body.error).toContain(
        'is not JSON',
      );
    });
  });

  describe('MLflow', () => {
    const score = <Body>(body: unknown, headers: Record<string, string> = {}) =>
      jsonOf<Body>(call('/endpoints/plant/mlflow/invocations', body, headers));
    const rows = last.map((row) => ({ time: row[0], load: Number(row[1]), temperature: Number(row[2]) }));
    const answerOf = (columns: Record<string, readonly number[]>) => ({
      status: 200,
      body: {
        predictions: expected.times.map((time, step) => ({
          time,
          ...Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[step]])),
        })),
      },
    });

    it('reads every form of its body, rows with and without times', async () => {
      const columns = ['time', 'temperature', 'load'];
      const data = rows.map(({ time, load: one, temperature: other }) => [time, other, one]);
      const forms = [
        { dataframe_split: { columns, data } },
        { dataframe_split: { columns: columns.slice(1), data: data.map((row) => row.slice(1)), index: times } },
        {
          dataframe_split: {
            columns: columns.slice(1),
            data: data.map((row) => row.slice(1)),
            index: [...rows.keys()],
          },
        },
        { dataframe_records: rows },
        { instances: rows },
        { instances: rows.map(({ load: one, temperature: other }) => [one, other]) },
        { inputs: { time: times, load, temperature } },
        { inputs: { load: load.map((value) => [value]), temperature } },
      ];
      for (const form of forms) expect(await score(form)).toEqual(answerOf({ load: expected.mean }));
      const csv = ['time,load,temperature', ...last.map((row) => row.join(','))].join('\n');
      expect(await score(csv, { 'content-type': 'text/csv' })).toEqual(answerOf({ load: expected.mean }));
      const { status, body } = await score<{ predictions: object[] }>({
        dataframe_records: rows,
        params: { horizon: 2, quantiles: [0.1, 0.9] },
      });
      expect(status).toBe(200);
      const [narrow] = expected.intervals;
      expect(body.predictions).toEqual(
        answerOf({
          load: expected.mean,
          'load_q0.1': narrow!.lower,
          'load_q0.9': narrow!.upper,
        }).body.predictions.slice(0, 2),
      );
    });

    it('answers ping, health and version, and errors with a code', async () => {
      for (const path of ['ping', 'health', 'version']) {
        expect((await call(`/endpoints/plant/mlflow/${path}`)).status).toBe(200);
      }
      expect((await call('/endpoints/nobody/mlflow/ping')).status).toBe(404);
      const tries: [unknown, Record<string, string>, number, string, string][] = [
        [
          { instances: rows, inputs: rows },
          {},
          400,
          'BAD_REQUEST',
          'must have exactly one of dataframe_split, dataframe_records',
        ],
        [{ instances: [{ load: 'x' }] }, {}, 400, 'BAD_REQUEST', 'instances[0].load: must be a finite number'],
        [{ instances: rows.slice(-3) }, {}, 422, 'BAD_REQUEST', 'The window has 3 rows; the model looks back on 24'],
        [{ instances: rows, params: { depth: 1 } }, {}, 400, 'BAD_REQUEST', 'params.depth'],
        ['x', { 'content-type': 'text/plain' }, 415, 'BAD_REQUEST', 'Content-Type text/plain is not read'],
      ];
      for (const [body, headers, status, code, message] of tries) {
        expect(await score(body, headers)).toEqual({
          status,
          body: { error_code: code, message: expect.stringContaining(message) as string },
        });
      }
      const nobody = await jsonOf(call('/endpoints/nobody/mlflow/invocations', { instances: rows }));
      expect(nobody).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    });
  });
});
