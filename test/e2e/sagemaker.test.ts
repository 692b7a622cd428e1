import { createHash } from 'node:crypto';
import {
  InvokeEndpointCommand,
  ModelError,
  SageMakerRuntimeClient,
  SageMakerRuntimeServiceException,
  type InvokeEndpointCommandInput,
} from '@aws-sdk/client-sagemaker-runtime';
import { Installation, seasonalCsv } from '../support/service.js';

const ROWS = 400;
const HOUR_MS = 3_600_000;
const KEY = 'a-key-of-a-viewer';

interface Native {
  readonly inferenceId?: string;
  readonly requestedBy: string;
  readonly origin: string;
  readonly forecasts: readonly {
    readonly asset: string;
    readonly times: string[];
    readonly mean: number[];
    readonly intervals: { readonly coverage: number; readonly lower: number[]; readonly upper: number[] }[];
    readonly quantiles?: { readonly level: number; readonly values: number[] }[];
  }[];
}

interface Series {
  readonly predictions: readonly {
    readonly mean: number[];
    readonly quantiles: Record<string, number[]>;
    readonly samples: number[][];
  }[];
}

/** Real: the service as it ships, and Amazon's own client, which signs, encodes and reads errors as it does with AWS. */
describe('SageMaker Runtime, with @aws-sdk/client-sagemaker-runtime', () => {
  const environment: Record<string, string> = {};
  const installation = new Installation(environment);
  const lines = new TextDecoder().decode(seasonalCsv(ROWS)).trim().split('\n').slice(1);
  const cells = lines.map((line) => line.split(','));
  const load = cells.map((row) => Number(row[1]));
  const temperature = cells.map((row) => Number(row[2]));
  let client: SageMakerRuntimeClient;
  let modelName = '';

  const clientWith = (sessionToken?: string) =>
    new SageMakerRuntimeClient({
      endpoint: installation.url,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'trainyard', secretAccessKey: 'unused', ...(sessionToken ? { sessionToken } : {}) },
    });
  const invoke = async (input: Omit<InvokeEndpointCommandInput, 'EndpointName'>, endpoint = 'plant') => {
    const output = await client.send(new InvokeEndpointCommand({ EndpointName: endpoint, ...input }));
    return { ...output, text: new TextDecoder().decode(output.Body) };
  };
  const failure = async (input: Omit<InvokeEndpointCommandInput, 'EndpointName'>, endpoint = 'plant') => {
    const error: unknown = await invoke(input, endpoint).catch((thrown: unknown) => thrown);
    if (!(error instanceof SageMakerRuntimeServiceException))
      throw new Error(`no exception of the service: ${String(error)}`);
    return error;
  };
  const train = async (name: string, parameters: object) => {
    const { templateId } = await installation.api.post<{ templateId: string }>('/templates', { name, parameters });
    const { executionId } = await installation.api.post<{ executionId: string }>('/executions', { templateId });
    const { model } = await installation.finish(executionId);
    await installation.api.post('/endpoints', { name, model: model.name });
    return model.name;
  };

  beforeAll(async () => {
    await installation.start();
    const { datasetId } = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=plant&layout=wide&columnsAs=assets',
      seasonalCsv(ROWS),
      'text/csv',
    );
    const parameters = {
      data: { datasetId, targets: ['load'], baseAssets: 'all' },
      features: { calendar: { enabled: true } },
      windows: { lookBack: 24, horizon: 4 },
      algorithm: { name: 'ridge' },
    };
    modelName = await train('plant', parameters);
    await train('both', { ...parameters, data: { ...parameters.data, targets: ['temperature', 'load'] } });
    client = clientWith();
  }, 240_000);
  afterAll(() => installation.remove());

  const WINDOW = 60;
  const window = {
    times: cells.slice(-WINDOW).map((row) => row[0]!),
    series: { load: load.slice(-WINDOW), temperature: temperature.slice(-WINDOW) },
  };
  const native = (body: object = { window }, endpoint = 'plant') =>
    installation.api.post<Native>(`/endpoints/${endpoint}/forecast`, body);

  it('answers CSV, JSON and JSON Lines with the same doubles as the native API', async () => {
    const expected = (await native()).forecasts[0]!;
    const rows = cells.slice(-WINDOW).map((row) => row.join(','));
    const named = await invoke({ ContentType: 'text/csv', Body: ['time,load,temperature', ...rows].join('\n') });
    expect(named.ContentType).toBe('text/csv');
    expect(named.InvokedProductionVariant).toBe('AllTraffic');
    expect(named.text.trim().split('\n')).toEqual([
      'time,load',
      ...expected.times.map((time, step) => `${time},${expected.mean[step]!}`),
    ]);

    // Other order of the columns, other name of the times.
    const swapped = cells.slice(-WINDOW).map(([time, one, other]) => `${other!},${time!},${one!}`);
    expect(
      (await invoke({ ContentType: 'text/csv', Body: ['temperature,ds,load', ...swapped].join('\r\n') })).text,
    ).toBe(named.text);
    // Without names: the model's order; without times: the newest rows of its dataset.
    const bare = cells.slice(-WINDOW).map((row) => row.slice(1).join(','));
    for (const body of [rows, bare]) {
      const { text } = await invoke({ ContentType: 'text/csv', Body: body.join('\n') });
      expect(text).toBe(expected.mean.map((value) => `${value}\n`).join(''));
    }

    const instance = {
      start: window.times[0]!.slice(0, 19).replace('T', ' '),
      target: window.series.load,
      dynamic_feat: [window.series.temperature],
    };
    const configuration = {
      num_samples: 50,
      output_types: ['mean', 'quantiles', 'samples'],
      quantiles: ['0.1', '0.5', '0.9'],
    };
    const asJson = await invoke({
      ContentType: 'application/json',
      Body: JSON.stringify({ instances: [instance, instance], configuration }),
    });
    expect(asJson.ContentType).toBe('application/json');
    const { predictions } = JSON.parse(asJson.text) as Series;
    const interval = expected.intervals[0]!;
    expect(interval.coverage).toBe(0.8);
    expect(predictions).toHaveLength(2);
    for (const { mean, quantiles, samples } of predictions) {
      expect(mean).toEqual(expected.mean);
      expect(quantiles).toEqual({ '0.1': interval.lower, '0.5': expected.mean, '0.9': interval.upper });
      expect(samples).toHaveLength(50);
      expect(samples[0]).toEqual(expected.mean);
      const inside = samples.filter(([first]) => first! >= interval.lower[0]! && first! <= interval.upper[0]!);
      expect(inside.length).toBeGreaterThanOrEqual(38);
      expect(inside.length).toBeLessThanOrEqual(42);
    }

    const asLines = await invoke({
      ContentType: 'application/jsonlines',
      Body: [
        { ...instance, configuration },
        { window, quantiles: [0.1, 0.5, 0.9] },
      ]
        .map((line) => JSON.stringify(line))
        .join('\n'),
    });
    expect(asLines.ContentType).toBe('application/jsonlines');
    const [one, other] = asLines.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(one).toEqual(predictions[0]);
    expect((other as Native).forecasts[0]).toMatchObject({
      mean: expected.mean,
      quantiles: [{ values: interval.lower }, { values: expected.mean }, { values: interval.upper }],
    });
  }, 120_000);

  it('writes what Accept asks for, whatever the body came as', async () => {
    const expected = (await native()).forecasts[0]!;
    const body = {
      instances: [{ start: window.times[0], target: window.series.load, dynamic_feat: [window.series.temperature] }],
    };
    const csv = await invoke({ ContentType: 'application/json', Accept: 'text/csv', Body: JSON.stringify(body) });
    expect(csv.ContentType).toBe('text/csv');
    const [header, first] = csv.text.split('\n');
    expect(header).toBe('instance,time,load,load_q0.025,load_q0.1,load_q0.5,load_q0.9,load_q0.975');
    const [narrow, wide] = expected.intervals;
    expect(first).toBe(
      [
        0,
        expected.times[0],
        expected.mean[0],
        wide!.lower[0],
        narrow!.lower[0],
        expected.mean[0],
        narrow!.upper[0],
        wide!.upper[0],
      ].join(),
    );
    const lines = await invoke({
      ContentType: 'application/json',
      Accept: 'application/jsonlines, */*',
      Body: JSON.stringify(body),
    });
    expect((JSON.parse(lines.text) as { mean: number[] }).mean).toEqual(expected.mean);
    const image = await failure({ ContentType: 'application/json', Accept: 'image/png', Body: JSON.stringify(body) });
    expect(image).toMatchObject({
      name: 'ValidationError',
      message: 'Accept image/png is not written; ask for text/csv, application/json, application/jsonlines',
    });
  }, 120_000);

  it('reads gaps as "NaN" or null, and several targets as lists of series', async () => {
    const gappy = window.series.load.map((value, at) => (at === 30 ? null : value));
    const expected = (await native({ window: { ...window, series: { ...window.series, load: gappy } } })).forecasts[0]!;
    for (const gap of ['NaN', null]) {
      const target = gappy.map((value) => value ?? gap);
      const Body = JSON.stringify({
        instances: [{ start: window.times[0], target, dynamic_feat: [window.series.temperature] }],
        configuration: { output_types: ['mean'] },
      });
      const { text } = await invoke({ ContentType: 'application/json', Body });
      expect(JSON.parse(text)).toEqual({ predictions: [{ mean: expected.mean }] });
    }
    const both = (await native({ window }, 'both')).forecasts.map(({ mean }) => mean);
    const Body = JSON.stringify({
      instances: [{ target: [window.series.temperature, window.series.load] }],
      configuration: { output_types: ['mean'] },
    });
    const { text } = await invoke({ ContentType: 'application/json', Body }, 'both');
    expect(JSON.parse(text)).toEqual({ predictions: [{ mean: both }] });
  }, 120_000);

  it('forecasts after the newest rows for an empty native body, and keeps the inference id', async () => {
    const output = await invoke({
      ContentType: 'application/json',
      Body: '{"horizon":2}',
      InferenceId: 'order-17',
      CustomAttributes: 'trace=abc; team=4',
      TargetVariant: 'AllTraffic',
    });
    expect(output.CustomAttributes).toBe('trace=abc; team=4');
    const answer = JSON.parse(output.text) as Native;
    const origin = new Date(Date.UTC(2024, 0, 1) + (ROWS - 1) * HOUR_MS).toISOString();
    expect(answer).toMatchObject({ inferenceId: 'order-17', origin });
    expect(answer.forecasts[0]!.mean).toHaveLength(2);
    const { items } = await installation.api.get<{ items: Native[] }>('/endpoints/plant/predictions?limit=1');
    expect(items[0]).toMatchObject({ inferenceId: 'order-17', origin });
    expect(items[0]!.forecasts[0]!.mean).toHaveLength(4);
    expect(items[0]!.forecasts[0]!.mean.slice(0, 2)).toEqual(answer.forecasts[0]!.mean);
  });

  it('fails as SageMaker does: no endpoint, a body that is none, a model that cannot', async () => {
    expect(await failure({ ContentType: 'application/json', Body: '{}' }, 'nobody')).toMatchObject({
      name: 'ValidationError',
      message: 'There is no endpoint "nobody"',
      $metadata: { httpStatusCode: 400 },
    });
    const before = await installation.api.get<{ items: unknown[] }>('/endpoints/plant/predictions?limit=500');
    const bad: [string, string, string][] = [
      ['application/json', '{"instances":[', 'The body is not JSON: '],
      [
        'application/json',
        '{"instances":[{"target":[1,"x"]}]}',
        'instances[0].target[1]: must be a finite number, null or "NaN"',
      ],
      [
        'application/json',
        '{"instances":[{"target":[1],"dynamic_feat":[[1]],"cat":[0]}]}',
        'instances[0].cat: is not read',
      ],
      ['application/json', '{"window":{"times":"now"}}', 'window.times: '],
      ['text/csv', 'time,load,temperature\n2024-01-01,1,2\n2024-01-02,x,2', 'Line 3, load: "x" is not a number'],
      ['text/csv', '1,2\n1', 'Line 2 has 1 columns; the first one has 2'],
      ['text/csv', '', 'The body has no rows'],
      ['application/jsonlines', '{"target":[1]', 'Line 1 is not JSON'],
      [
        'application/x-recordio',
        'x',
        'Content-Type application/x-recordio is not read; send text/csv, application/json',
      ],
    ];
    for (const [ContentType, Body, message] of bad) {
      const error = await failure({ ContentType, Body });
      expect(error).toMatchObject({ name: 'ValidationError', $metadata: { httpStatusCode: 400 } });
      expect(error.message).toContain(message);
    }
    const variant = await failure({ ContentType: 'application/json', Body: '{}', TargetVariant: 'blue' });
    expect(variant).toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('has no variant "blue"') as string,
    });

    const short = await failure({ ContentType: 'text/csv', Body: ['load,temperature', '1,2', '3,4'].join('\n') });
    expect(short).toBeInstanceOf(ModelError);
    const { OriginalStatusCode, OriginalMessage, message } = short as ModelError;
    expect(OriginalStatusCode).toBe(422);
    expect(message).toBe('The model answered 422: The window has 2 rows; the model looks back on 24');
    expect(JSON.parse(OriginalMessage!)).toEqual({
      code: 'WINDOW_INVALID',
      message: 'The window has 2 rows; the model looks back on 24',
      details: { rows: 2, lookBack: 24 },
    });
    // One bad instance among good ones: none is forecast, none is stored.
    const good = { start: window.times[0], target: window.series.load, dynamic_feat: [window.series.temperature] };
    const mixed = await failure({
      ContentType: 'application/json',
      Body: JSON.stringify({ instances: [good, { ...good, target: [1] }] }),
    });
    expect(mixed).toMatchObject({ name: 'ModelError', OriginalStatusCode: 422 });
    const level = await failure({
      ContentType: 'application/json',
      Body: JSON.stringify({ instances: [good], configuration: { quantiles: ['0.3'] } }),
    });
    expect(JSON.parse((level as ModelError).OriginalMessage!)).toMatchObject({
      code: 'QUANTILE_UNKNOWN',
      details: { level: 0.3, asset: 'load', levels: [0.025, 0.1, 0.5, 0.9, 0.975] },
    });
    const after = await installation.api.get<{ items: unknown[] }>('/endpoints/plant/predictions?limit=500');
    expect(after.items).toHaveLength(before.items.length);
    const large = await failure({ ContentType: 'text/csv', Body: '1,2\n'.repeat(300_000) });
    expect(large).toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('the limit is') as string,
    });
  }, 120_000);

  it('takes an API key as session token, and no other proof', async () => {
    await installation.stop();
    environment.TRAINYARD_API_KEYS = `vic:viewer:${createHash('sha256').update(KEY).digest('hex')}`;
    await installation.start();
    client = clientWith(KEY);
    const { text } = await invoke({ ContentType: 'application/json', Body: '{}' });
    expect(JSON.parse(text)).toMatchObject({ requestedBy: 'vic', model: modelName });
    for (const token of [undefined, 'wrong']) {
      client = clientWith(token);
      expect(await failure({ ContentType: 'application/json', Body: '{}' })).toMatchObject({
        name: 'UnrecognizedClientException',
        $metadata: { httpStatusCode: 403 },
      });
    }
  }, 120_000);
});
