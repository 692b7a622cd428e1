import { setTimeout as sleep } from 'node:timers/promises';
import { Installation, seasonalCsv } from '../support/service.js';

interface Endpoint {
  readonly modelVersion: number;
  readonly alias: string | null;
  readonly stage: string;
  readonly status: string;
}

interface Event {
  readonly type: string;
  readonly modelVersion: number | null;
  readonly actor: string;
  readonly reason: string | null;
}

interface Version {
  readonly version: number;
  readonly approval: string;
  readonly decisions: readonly { readonly actor: string; readonly reason: string | null }[];
}

describe('from a trained model to production, on the service as it ships', () => {
  const installation = new Installation();
  let templateId: string;
  const api = () => installation.api;

  async function train(overrides: object = {}): Promise<number> {
    const { executionId } = await api().post<{ executionId: string }>('/executions', { templateId, overrides });
    return (await installation.finish(executionId)).model.version;
  }
  const send = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${installation.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  const approve = (version: number, reason = 'looked at it') =>
    send('PUT', `/models/load/versions/${version}/approval`, { status: 'Approved', reason });
  const endpoint = (name: string) => api().get<Endpoint>(`/endpoints/${name}`);
  const typesOf = async (path: string) =>
    (await api().get<{ items: Event[] }>(path)).items
      .map(({ type, modelVersion }) => `${type} ${modelVersion}`)
      .reverse();

  beforeAll(async () => {
    await installation.start();
    const dataset = await api().upload<{ datasetId: string }>(
      '/datasets?name=plant&layout=wide&columnsAs=assets',
      seasonalCsv(500),
      'text/csv',
    );
    const template = await api().post<{ templateId: string }>('/templates', {
      name: 'load',
      parameters: {
        data: { datasetId: dataset.datasetId, targets: ['load'], baseAssets: 'all' },
        windows: { lookBack: 24, horizon: 4 },
        algorithm: { name: 'ridge' },
        registration: { model: 'load' },
      },
    });
    templateId = template.templateId;
    expect([await train(), await train({ windows: { lookBack: 30 } })]).toEqual([1, 2]);
  }, 240_000);
  afterAll(() => installation.remove());

  it('deploys to production what is approved, and nothing else', async () => {
    const wanted = { name: 'load-live', model: 'load', version: 1, stage: 'production' };
    expect(await send('POST', '/endpoints', wanted)).toMatchObject({
      status: 409,
      body: {
        code: 'MODEL_NOT_APPROVED',
        message: expect.stringContaining('Version 1 of model "load" is PendingManualApproval') as string,
      },
    });
    expect(await send('GET', '/endpoints/load-live')).toMatchObject({ status: 404 });
    expect(await approve(1)).toMatchObject({ status: 200, body: { approval: 'Approved' } });
    expect(await send('POST', '/endpoints', wanted)).toMatchObject({
      status: 201,
      body: { modelVersion: 1, stage: 'production', status: 'InService' },
    });
    expect(await send('PATCH', '/endpoints/load-live', { version: 2 })).toMatchObject({
      status: 409,
      body: { code: 'MODEL_NOT_APPROVED' },
    });
    expect((await endpoint('load-live')).modelVersion).toBe(1);
    expect(await send('PUT', '/models/load/versions/2/approval', { status: 'Rejected' })).toMatchObject({
      status: 422,
      body: { code: 'APPROVAL_REASON_MISSING' },
    });
  });

  it('switches versions under load without a failed request', async () => {
    await approve(2);
    const served = new Set<number>();
    let failed = 0;
    let answered = 0;
    let isOver = false;
    const callers = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const { status, body } = await send('POST', '/endpoints/load-live/forecast');
        if (status === 200) served.add(body['modelVersion'] as number);
        else failed += 1;
        answered += 1;
      }
    });
    for (const version of [2, 1, 2, 1, 2]) {
      const before = answered;
      expect(await send('PATCH', '/endpoints/load-live', { version })).toMatchObject({
        status: 200,
        body: { modelVersion: version, status: 'InService' },
      });
      while (answered < before + 8) await sleep(5);
    }
    isOver = true;
    await Promise.all(callers);
    expect(failed).toBe(0);
    expect([...served].sort()).toEqual([1, 2]);
    const history = await typesOf('/endpoints/load-live/activity');
    expect(history.slice(0, 5)).toEqual([
      'endpoint.deployed 1',
      'endpoint.deployed 2',
      'endpoint.retired 1',
      'endpoint.deployed 1',
      'endpoint.retired 2',
    ]);
  }, 240_000);

  it('follows an alias, also by an approval that nobody made', async () => {
    await send('PUT', '/models/load/aliases/champion', { version: 1, reason: 'the first' });
    await send('POST', '/endpoints', { name: 'load-follows', model: 'load', alias: 'champion', stage: 'production' });
    expect(await endpoint('load-follows')).toMatchObject({ modelVersion: 1, alias: 'champion' });
    await send('PUT', '/models/load/aliases/champion', { version: 2 });
    while ((await endpoint('load-follows')).modelVersion !== 2) await sleep(20);

    // Whatever has skill passes here, and becomes the champion.
    const policy = { kind: 'automatic', minimumSkill: 0, beats: null, thenAlias: 'champion' };
    expect(await send('PATCH', '/models/load', { policy })).toMatchObject({ status: 200, body: { policy } });
    const third = await train({ windows: { lookBack: 36 } });
    const version = await api().get<Version>(`/models/load/versions/${third}`);
    expect(version.approval).toBe('Approved');
    expect(version.decisions.at(-1)!.actor).toBe('approval-policy');
    expect(version.decisions.at(-1)!.reason).toMatch(
      /^skill \d+\.\d % against naive and \d+\.\d % against seasonal naive, wanted 0\.0 %$/,
    );
    while ((await endpoint('load-follows')).modelVersion !== third) await sleep(20);
    const forecast = await send('POST', '/endpoints/load-follows/forecast');
    expect(forecast).toMatchObject({ status: 200, body: { modelVersion: third } });

    await send('PATCH', '/models/load', { policy: { kind: 'automatic', minimumSkill: 1 } });
    const fourth = await train({ windows: { lookBack: 40 } });
    expect((await api().get<Version>(`/models/load/versions/${fourth}`)).approval).toBe('PendingManualApproval');
    expect(await send('PUT', '/models/load/aliases/champion', { version: fourth })).toMatchObject({
      status: 409,
      body: { code: 'MODEL_NOT_APPROVED' },
    });
    expect(await send('DELETE', `/models/load/versions/${third}`)).toMatchObject({
      status: 409,
      body: {
        code: 'MODEL_IN_USE',
        details: { users: ['endpoint load-follows', 'alias champion'] },
      },
    });
  }, 240_000);

  it('catches up with an alias that moved while it was down', async () => {
    await installation.stop();
    await installation.start();
    expect(await send('GET', '/models/load/versions/champion')).toMatchObject({ status: 200, body: { version: 3 } });
    expect(await endpoint('load-follows')).toMatchObject({ modelVersion: 3, status: 'InService' });
    expect((await send('POST', '/endpoints/load-follows/forecast')).status).toBe(200);
  }, 240_000);

  it('tells what was in production when, and who had approved it', async () => {
    const periods =
      await api().get<
        { endpoint: string; version: number; until: string | null; approval: { status: string; reason: string } }[]
      >('/models/load/production');
    expect(periods.map(({ endpoint: name, version, until }) => [name, version, until]).sort()).toEqual([
      ['load-follows', 3, null],
      ['load-live', 2, null],
    ]);
    expect(periods.find(({ version }) => version === 2)!.approval).toMatchObject({
      status: 'Approved',
      reason: 'looked at it',
    });
    expect(await api().get(`/models/load/production?at=2020-01-01T00:00:00Z`)).toEqual([]);
    expect((await typesOf('/models/load/history?limit=500')).slice(0, 4)).toEqual([
      'model.registered 1',
      'model.registered 2',
      'model.approved 1',
      'endpoint.deployed 1',
    ]);
    await send('DELETE', '/endpoints/load-live');
    const left = await api().get<{ endpoint: string }[]>('/models/load/production');
    expect(left.map(({ endpoint: name }) => name)).toEqual(['load-follows']);
  });

  it('compares versions side by side', async () => {
    const { body } = await send('GET', '/models/load/compare?versions=1,2');
    const { metrics, parameters, data, pictures, isSameTest } = body as {
      metrics: { path: string; values: number[]; best: number[] }[];
      parameters: { path: string; values: unknown[] }[];
      data: { path: string; values: unknown[] }[];
      pictures: { path: string; values: string[] }[];
      isSameTest: boolean;
    };
    expect(parameters).toEqual([{ path: 'windows.lookBack', values: [24, 30] }]);
    expect(data).toEqual([{ path: 'lookBack', values: [24, 30] }]);
    expect(isSameTest).toBe(true);
    const mae = metrics.find(({ path }) => path === 'test.scaled.mae')!;
    expect(mae.best).toEqual([mae.values[0]! < mae.values[1]! ? 0 : 1]);
    const picture = await fetch(
      `${installation.url}/api/v1${pictures.find(({ path }) => path === 'forecast.png')!.values[1]!}`,
    );
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(await send('GET', '/models/load/compare?versions=1')).toMatchObject({ status: 400 });
    expect(await send('GET', '/models/load/compare?versions=1,99')).toMatchObject({ status: 404 });
  });
});
