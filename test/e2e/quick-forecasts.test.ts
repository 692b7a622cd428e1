import { createHash } from 'node:crypto';
import { Installation, seasonalCsv } from '../support/service.js';

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

interface Answer {
  readonly status: number;
  readonly requestId: string | null;
  readonly body: Record<string, unknown>;
}

describe('forecasts that are answered before the framework', () => {
  const installation = new Installation({
    TRAINYARD_API_KEYS: `ann:viewer:${hashOf('ann-key')},bob:trainer:${hashOf('bob-key')}`,
    TRAINYARD_LIMIT_BODY_BYTES: '20000',
  });

  /** With the key of a trainer. */
  async function send<Result>(method: string, path: string, content?: string | Uint8Array, type = 'application/json') {
    const response = await fetch(`${installation.url}/api/v1${path}`, {
      method,
      headers: { authorization: 'Bearer bob-key', 'content-type': type },
      ...(content === undefined ? {} : { body: content }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Result;
  }

  beforeAll(async () => {
    await installation.start();
    const { datasetId } = await send<{ datasetId: string }>(
      'POST',
      '/datasets?name=load&layout=wide&columnsAs=assets',
      seasonalCsv(300),
      'text/csv',
    );
    const { templateId } = await send<{ templateId: string }>(
      'POST',
      '/templates',
      JSON.stringify({
        name: 'load',
        parameters: {
          data: { datasetId, targets: ['load'] },
          windows: { lookBack: 4, horizon: 2 },
          algorithm: { name: 'naive' },
          registration: { model: 'load' },
        },
      }),
    );
    const { executionId } = await send<{ executionId: string }>('POST', '/executions', JSON.stringify({ templateId }));
    for (let status = ''; status !== 'SUCCEEDED';) {
      ({ status } = await send<{ status: string }>('GET', `/executions/${executionId}`));
      if (status === 'FAILED') throw new Error('the training failed');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await send('POST', '/endpoints', JSON.stringify({ name: 'load', model: 'load' }));
  }, 120_000);
  afterAll(() => installation.remove());

  /** A body of unknown length goes to the framework. */
  async function ask(
    content: string,
    isQuick: boolean,
    more: Record<string, string> = {},
    name = 'load',
  ): Promise<Answer> {
    const response = await fetch(`${installation.url}/api/v1/endpoints/${name}/forecast`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer ann-key', ...more },
      body: isQuick ? content : new Blob([content]).stream(),
      ...(isQuick ? {} : { duplex: 'half' }),
    });
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, requestId: response.headers.get('x-request-id'), body };
  }

  const window = {
    times: [0, 1, 2, 3].map((hour) => new Date(Date.UTC(2025, 0, 1, hour)).toISOString()),
    series: { load: [1, 2, null, 4.5], temperature: [5, 6, 7, 8] },
  };
  const body = JSON.stringify({ window });

  it('say the same as the framework, are stored alike, and bear the id of their request', async () => {
    const quick = await ask(body, true, { 'x-request-id': 'mine' });
    const usual = await ask(body, false, { 'x-request-id': 'mine' });
    expect(quick).toMatchObject({ status: 200, requestId: 'mine', body: { requestedBy: 'ann', endpoint: 'load' } });
    const { predictionId, createdAt, latencyMs, ...rest } = quick.body;
    expect(usual.body).toMatchObject(rest);
    expect(Object.keys(usual.body)).toEqual(Object.keys(quick.body));
    expect([typeof createdAt, typeof latencyMs]).toEqual(['string', 'number']);
    const stored = await fetch(`${installation.url}/api/v1/endpoints/load/predictions/${String(predictionId)}`, {
      headers: { authorization: 'Bearer ann-key' },
    });
    expect(await stored.json()).toEqual(quick.body);
  });

  it.each([
    ['no key', body, { authorization: '' }, 'load', 401, 'UNAUTHENTICATED'],
    ['a wrong key', body, { authorization: 'Bearer nobody' }, 'load', 401, 'UNAUTHENTICATED'],
    ['an unknown endpoint', body, {}, 'nobody', 404, 'ENDPOINT_NOT_FOUND'],
    ['what is no JSON', '{"window":', {}, 'load', 400, 'MALFORMED_BODY'],
    ['an unknown field', '{"windows":{}}', {}, 'load', 400, 'VALIDATION_FAILED'],
    ['a value that is no number', body.replace('4.5', '"4.5"'), {}, 'load', 400, 'VALIDATION_FAILED'],
    ['a deeply nested body', `{"window":${'['.repeat(200)}${']'.repeat(200)}}`, {}, 'load', 400, null],
    [
      'too few rows',
      body.replace('1,2,', '').replace(/"2025-01-01T0[01][^,]*,/g, ''),
      {},
      'load',
      422,
      'WINDOW_INVALID',
    ],
    ['an option out of range', JSON.stringify({ window, horizon: 3 }), {}, 'load', 422, 'HORIZON_TOO_LONG'],
    ['a body that is too large', JSON.stringify({ window, x: 'x'.repeat(20_000) }), {}, 'load', 413, 'BODY_TOO_LARGE'],
  ] as const)('refuse %s as the framework does', async (_, content, headers, name, status, code) => {
    const [quick, usual] = [await ask(content, true, headers, name), await ask(content, false, headers, name)];
    expect(quick.status).toBe(status);
    if (code !== null) expect(quick.body['code']).toBe(code);
    const withoutId = ({ requestId: _requestId, ...rest }: Record<string, unknown>) => rest;
    // Only of a body whose length it is told does the framework know how long it is.
    if (code === 'BODY_TOO_LARGE') expect(usual.body['code']).toBe(code);
    else expect(withoutId(quick.body)).toEqual(withoutId(usual.body));
    expect(usual.status).toBe(status);
    expect(quick.body['requestId']).toBe(quick.requestId);
  });

  const rows = [1, 2, 3, 4.5].map((load, at) => [load, at + 5]);
  const csv = `load,temperature\n${rows.map((row) => row.join()).join('\n')}`;
  const columns = JSON.stringify({ dataframe_split: { columns: ['load', 'temperature'], data: rows } });
  const tensors = JSON.stringify({
    inputs: [
      { name: 'load', shape: [1, 4], datatype: 'FP64', data: rows.map(([load]) => load) },
      { name: 'temperature', shape: [1, 4], datatype: 'FP64', data: rows.map(([, temperature]) => temperature) },
    ],
  });

  it.each([
    ['SageMaker', '/endpoints/load/invocations', csv, 'text/csv', 200],
    ['SageMaker, a wrong type', '/endpoints/load/invocations', csv, 'text/html', 400],
    ['SageMaker, too few rows', '/endpoints/load/invocations', 'load,temperature\n1,2', 'text/csv', 424],
    ['SageMaker, nobody', '/endpoints/nobody/invocations', csv, 'text/csv', 400],
    ['MLflow', '/endpoints/load/mlflow/invocations', columns, 'application/json', 200],
    ['MLflow, no JSON', '/endpoints/load/mlflow/invocations', '{', 'application/json', 400],
    ['Open Inference', '/v2/models/load/infer', tensors, 'application/json', 200],
    ['Open Inference, no JSON', '/v2/models/load/infer', '{', 'application/json', 400],
    ['Open Inference, nobody', '/v2/models/nobody/infer', tensors, 'application/json', 404],
  ])('say in the dialect of %s what the framework says', async (_, path, content, type, status) => {
    const answers = [];
    for (const isQuick of [true, false]) {
      const response = await fetch(`${installation.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': type, authorization: 'Bearer ann-key', 'x-request-id': 'mine' },
        body: isQuick ? content : new Blob([content]).stream(),
        ...(isQuick ? {} : { duplex: 'half' }),
      });
      const headers = Object.fromEntries(response.headers);
      delete headers['date'];
      answers.push({ status: response.status, headers, text: await response.text() });
    }
    expect(answers[0]!.status).toBe(status);
    expect(answers[0]).toEqual(answers[1]);
  });

  it('are counted once, by their route and status', async () => {
    const count = async (status: number): Promise<number> => {
      const text = await (await fetch(`${installation.url}/metrics`)).text();
      const line = `http_request_duration_seconds_count{method="POST",route="/api/v1/endpoints/:name/forecast",status="${status}"}`;
      return Number(new RegExp(`^${line.replace(/[{}"/.:]/g, '\\$&')} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    };
    const before = [await count(200), await count(422)];
    await ask(body, true);
    await ask(body, false);
    await ask(JSON.stringify({ window: { ...window, times: window.times.slice(1) } }), true);
    for (let tries = 0; tries < 50 && (await count(422)) === before[1]; tries++)
      await new Promise((r) => setTimeout(r, 20));
    expect([await count(200), await count(422)]).toEqual([before[0]! + 2, before[1]! + 1]);
  });
});
