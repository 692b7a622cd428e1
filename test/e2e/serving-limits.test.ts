import { ForecastAdmission } from '#src/inference/forecast-admission.js';
import { Serving } from '../support/serving.js';

describe('limits of serving', () => {
  const draws = { next: 0 };
  let serving: Serving;
  beforeAll(async () => {
    serving = await Serving.start({
      random: () => draws.next,
      environment: { TRAINYARD_LIMIT_ENDPOINT_REQUESTS: '2', TRAINYARD_LIMIT_BODY_BYTES: '2048' },
    });
    await serving.register('m');
  });
  afterAll(() => serving.stop());

  const stored = async (name: string): Promise<unknown[]> =>
    (await serving.send('GET', `/endpoints/${name}/predictions`)).body['items'] as unknown[];

  it('stores the share of the predictions that the endpoint says, and tells when it does not', async () => {
    const created = await serving.send('POST', '/endpoints', { name: 'sampled', model: 'm', storedShare: 0.25 });
    expect(created).toMatchObject({ status: 201, body: { storedShare: 0.25 } });
    draws.next = 0.24;
    const kept = await serving.forecast('sampled');
    draws.next = 0.25;
    const dropped = await serving.forecast('sampled');
    expect(kept.body).not.toHaveProperty('stored');
    expect(dropped).toMatchObject({ status: 200, body: { stored: false, forecasts: [{ mean: [6, 6, 6] }] } });
    expect(await stored('sampled')).toMatchObject([{ predictionId: kept.body['predictionId'] }]);
    const id = String(dropped.body['predictionId']);
    expect(await serving.send('GET', `/endpoints/sampled/predictions/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'PREDICTION_NOT_FOUND' },
    });
    await serving.send('PATCH', '/endpoints/sampled', { storedShare: 1 });
    draws.next = 0.99;
    expect((await serving.forecast('sampled')).body).not.toHaveProperty('stored');
    expect(await serving.send('PATCH', '/endpoints/sampled', { storedShare: 1.5 })).toMatchObject({ status: 400 });
  });

  it('answers 429 with Retry-After beyond its requests at once, and stores exactly what it answered', async () => {
    await serving.send('POST', '/endpoints', { name: 'busy', model: 'm' });
    const window = { times: [] as string[], series: { load: [] as number[] } };
    for (let row = 0; row < 6; row++) {
      window.times.push(new Date(Date.UTC(2025, 0, 1, row)).toISOString());
      window.series.load.push(row);
    }
    const ask = (): Promise<Response> =>
      fetch(`${serving.url}/api/v1/endpoints/busy/forecast`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ window }),
      });
    const admission = serving.app.get(ForecastAdmission);
    let end = (): void => undefined;
    const long = new Promise<void>((resolve) => (end = resolve));
    const underWay = [1, 2].map(() => admission.within('busy', () => long));

    const refused = await Promise.all(Array.from({ length: 30 }, ask));
    expect(new Set(refused.map(({ status, headers }) => `${status} ${headers.get('retry-after')}`))).toEqual(
      new Set(['429 5']),
    );
    expect(await refused[0]!.json()).toMatchObject({ code: 'ENDPOINT_BUSY' });
    end();
    await Promise.all(underWay);

    const answers = await Promise.all(Array.from({ length: 30 }, ask));
    const answered = answers.filter(({ status }) => status === 200);
    expect(new Set(answers.map(({ status }) => status))).toEqual(
      new Set(answered.length === answers.length ? [200] : [200, 429]),
    );
    const { items } = (await serving.send('GET', '/endpoints/busy/predictions?limit=100')).body;
    expect(items).toHaveLength(answered.length);
  });

  it('refuses a body that is too large, and names a request by the trace of its caller', async () => {
    const values = Array.from({ length: 1_000 }, () => 1.5);
    expect(await serving.forecast('busy', { window: { times: [], series: { load: values } } })).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE' },
    });
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const ask = async (headers: Record<string, string>): Promise<string | null> =>
      (await fetch(`${serving.url}/api/v1/endpoints/busy`, { headers })).headers.get('x-request-id');
    expect(await ask({ traceparent: `00-${trace}-00f067aa0ba902b7-01` })).toBe(trace);
    expect(await ask({ traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'x-request-id': 'mine' })).toBe('mine');
    expect(await ask({ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` })).toMatch(/^[\da-f-]{36}$/);
  });
});
