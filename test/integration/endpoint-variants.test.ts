import { Serving } from '../support/serving.js';
import { seededUniform } from '../support/series.js';

interface Prediction {
  readonly predictionId: string;
  readonly modelVersion: number;
  readonly variant: string | null;
  readonly shadowOf?: string;
}

describe('variants and shadows of an endpoint', () => {
  let service: Serving;
  const send = (method: string, path: string, body?: object) => service.send(method, path, body);
  const ask = async (name: string, more: object = {}) => (await service.forecast(name, more)).body;
  const predictions = async (name: string) =>
    (await send('GET', `/endpoints/${name}/predictions?limit=500`)).body['items'] as Prediction[];
  const approve = (version: number) =>
    send('PUT', `/models/load/versions/${version}/approval`, { status: 'Approved', reason: 'good' });
  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  beforeAll(async () => {
    service = await Serving.start({ random: seededUniform(11) });
    for (let version = 1; version <= 4; version++) await service.register('load');
    await approve(1);
    await approve(2);
  }, 60_000);
  afterAll(() => service.stop());

  it('has one variant for everything unless it is told otherwise', async () => {
    expect(await send('POST', '/endpoints', { name: 'plain', model: 'load' })).toMatchObject({
      status: 201,
      body: {
        modelVersion: 4,
        variants: [{ name: 'AllTraffic', modelVersion: 4, alias: null, weight: 1 }],
        shadow: null,
      },
    });
    expect(await ask('plain')).toMatchObject({ modelVersion: 4, variant: 'AllTraffic' });
    expect(await ask('plain', { targetVariant: 'AllTraffic' })).toMatchObject({ variant: 'AllTraffic' });
    expect(await ask('plain', { targetVariant: 'canary' })).toMatchObject({
      code: 'VARIANT_UNKNOWN',
      message: 'Endpoint "plain" has no variant "canary": it has AllTraffic',
    });
  });

  it('shares requests by weight, keeps who answered, and takes another sharing in place without a failed request', async () => {
    const old = { name: 'old', version: 1, weight: 3 };
    await send('POST', '/endpoints', {
      name: 'split',
      model: 'load',
      variants: [old, { name: 'next', version: 2, weight: 1 }],
    });
    const statuses = new Set<number>();
    for (let request = 0; request < 80; request++) statuses.add((await service.forecast('split')).status);
    const first = await predictions('split');
    const next = first.filter(({ variant }) => variant === 'next');
    expect(next.every(({ modelVersion }) => modelVersion === 2)).toBe(true);
    // Binomial(80, 1/4): 20 ± 3 standard deviations of 3.9.
    expect(next.length).toBeGreaterThan(8);
    expect(next.length).toBeLessThan(32);
    expect(first.length - next.length).toBe(first.filter(({ modelVersion }) => modelVersion === 1).length);

    let isOver = false;
    const callers = [1, 2, 3].map(async () => {
      while (!isOver) statuses.add((await service.forecast('split')).status);
    });
    for (const weight of [0, 5, 1]) {
      const variants = [old, { name: 'next', version: 2 + (weight % 3), weight }];
      expect(await send('PATCH', '/endpoints/split', { variants })).toMatchObject({
        status: 200,
        body: { status: 'InService' },
      });
    }
    expect(await send('PATCH', '/endpoints/split', { version: 3, reason: 'it is better' })).toMatchObject({
      body: { modelVersion: 3, variants: [{ name: 'AllTraffic', modelVersion: 3, weight: 1 }] },
    });
    isOver = true;
    await Promise.all(callers);
    expect([...statuses]).toEqual([200]);
    const history = (await service.activity('split')).map(({ type }) => type);
    // Weights alone: changed. Then version 4 for 2, 3 for 4, and 3 alone.
    expect(history).toEqual([
      'endpoint.deployed',
      'endpoint.deployed',
      'endpoint.changed',
      'endpoint.deployed',
      'endpoint.retired',
      'endpoint.deployed',
      'endpoint.retired',
      'endpoint.retired',
    ]);
  }, 60_000);

  it('answers who names a variant by it, also at weight 0, and one inference id by one variant', async () => {
    const variants = [
      { name: 'a', version: 1, weight: 1 },
      { name: 'b', version: 2, weight: 1 },
      { name: 'off', version: 3, weight: 0 },
    ];
    await send('POST', '/endpoints', { name: 'sticky', model: 'load', variants });
    expect(await ask('sticky', { targetVariant: 'off' })).toMatchObject({ modelVersion: 3, variant: 'off' });
    for (const inferenceId of ['ann', 'ben', 'cyd', 'dan']) {
      const answers = await Promise.all([1, 2, 3, 4].map(() => ask('sticky', { inferenceId })));
      expect(new Set(answers.map(({ variant }) => variant)).size).toBe(1);
      expect(answers[0]).toMatchObject({ inferenceId });
    }
    // Narrowed answers take the other way through the service.
    expect(await ask('sticky', { targetVariant: 'b', horizon: 1 })).toMatchObject({ modelVersion: 2, variant: 'b' });
  });

  it.each([
    [[], 'VALIDATION_FAILED'],
    [[{ name: 'a', version: 1, weight: 0 }], 'VARIANTS_INVALID'],
    [
      [
        { name: 'a', version: 1, weight: 1 },
        { name: 'a', version: 2, weight: 1 },
      ],
      'VARIANTS_INVALID',
    ],
    [[{ name: 'a', version: 99, weight: 1 }], 'MODEL_NOT_FOUND'],
    [[{ name: 'a', version: 1, weight: -1 }], 'VALIDATION_FAILED'],
  ])('refuses the variants %j: %s', async (variants, code) => {
    expect((await send('POST', '/endpoints', { name: 'refused', model: 'load', variants })).body).toMatchObject({
      code,
    });
    expect(await send('GET', '/endpoints/refused')).toMatchObject({ status: 404 });
  });

  it('refuses a version beside variants', async () => {
    const variants = [{ name: 'a', version: 1, weight: 1 }];
    expect(await send('POST', '/endpoints', { name: 'refused', model: 'load', version: 1, variants })).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('version or alias stands beside them') as string },
    });
  });

  it('lets only approved versions answer in production, and any be its shadow', async () => {
    const a = { name: 'a', version: 1, weight: 1 };
    const live = { name: 'live', model: 'load', stage: 'production' };
    expect(
      await send('POST', '/endpoints', { ...live, variants: [a, { name: 'b', version: 3, weight: 0 }] }),
    ).toMatchObject({
      status: 409,
      body: { code: 'MODEL_NOT_APPROVED', details: { version: 3, endpoint: 'live' } },
    });
    const variants = [a, { name: 'b', version: 2, weight: 1 }];
    expect(await send('POST', '/endpoints', { ...live, variants, shadow: { version: 3 } })).toMatchObject({
      status: 201,
    });
    expect(await send('GET', '/models/load/production')).toMatchObject({
      body: [
        { endpoint: 'live', version: 1 },
        { endpoint: 'live', version: 2 },
      ],
    });
    for (const version of [1, 2, 3]) {
      const { status, body } = await send('DELETE', `/models/load/versions/${version}`);
      expect([status, body['code']]).toEqual([409, 'MODEL_IN_USE']);
      expect((body['details'] as { users: string[] }).users).toContain('endpoint live');
    }
  });

  it('follows the alias of each variant', async () => {
    await send('PUT', '/models/load/aliases/champion', { version: 1 });
    await send('PUT', '/models/load/aliases/challenger', { version: 2 });
    const variants = [
      { name: 'best', alias: 'champion', weight: 9 },
      { name: 'trial', alias: 'challenger', weight: 1 },
    ];
    await send('POST', '/endpoints', { name: 'follows', model: 'load', variants, shadow: { alias: 'challenger' } });
    await send('PUT', '/models/load/aliases/challenger', { version: 4 });
    await until(async () => (await service.endpoints.get('follows')).variants[1]!.modelVersion === 4);
    expect(await service.endpoints.get('follows')).toMatchObject({
      modelVersion: 1,
      alias: 'champion',
      variants: [
        { name: 'best', modelVersion: 1, alias: 'champion', weight: 9 },
        { name: 'trial', modelVersion: 4, alias: 'challenger', weight: 1 },
      ],
      shadow: { modelVersion: 4, alias: 'challenger' },
    });
  });

  it('keeps what the shadow says of the same input, beside the answer', async () => {
    await send('POST', '/endpoints', { name: 'shadowed', model: 'load', version: 1, shadow: { version: 3 } });
    const answer = await ask('shadowed');
    expect(answer).toMatchObject({ modelVersion: 1, variant: 'AllTraffic' });
    const counts = async () => (await send('GET', '/endpoints/shadowed/shadow')).body;
    await until(async () => (await counts())['forecasts'] === 1);
    const kept = await predictions('shadowed');
    const shadow = kept.find(({ shadowOf }) => shadowOf !== undefined)!;
    expect(shadow).toMatchObject({ modelVersion: 3, variant: null, shadowOf: answer['predictionId'] });
    expect(shadow).toMatchObject({ window: answer['window'], forecasts: answer['forecasts'] });
    expect(kept).toHaveLength(2);
    const csv = await fetch(`${service.url}/api/v1/endpoints/shadowed/predictions/export`);
    const [header, ...rows] = (await csv.text()).trim().split('\n');
    expect(header!.trim().endsWith('variant,shadowOf')).toBe(true);
    const shadowOf = `,${answer['predictionId'] as string}`;
    const ends = rows.map((row) => row.trim().split(',').slice(-2).join(','));
    expect(ends).toHaveLength(6);
    expect(ends.filter((end) => end === 'AllTraffic,')).toHaveLength(3);
    expect(ends.filter((end) => end === shadowOf)).toHaveLength(3);

    expect(await send('PATCH', '/endpoints/shadowed', { shadow: null })).toMatchObject({ body: { shadow: null } });
    await ask('shadowed');
    expect((await predictions('shadowed')).length).toBe(3);
  });

  it('counts what the shadow leaves out, and what it cannot do, and no request minds', async () => {
    await send('POST', '/endpoints', { name: 'busy', model: 'load', version: 1, shadow: { version: 3 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => service.forecast('busy')));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const counts = async () => (await send('GET', '/endpoints/busy/shadow')).body as Record<string, number>;
    await until(async () => {
      const { forecasts, dropped, failed } = await counts();
      return forecasts! + dropped! + failed! === 40;
    });
    const { forecasts, dropped } = await counts();
    expect(dropped).toBeGreaterThan(0);
    expect((await predictions('busy')).filter(({ variant }) => variant === null)).toHaveLength(forecasts!);

    // It looks back further than the window goes.
    await service.register('load', { lookBack: 99 });
    await send('PATCH', '/endpoints/busy', { shadow: { version: 5 } });
    expect(await ask('busy')).toMatchObject({ variant: 'AllTraffic' });
    await until(async () => (await counts())['failed'] === 1);
    expect((await counts())['lastError']).toBe('The window has 6 rows; the model looks back on 99');
  });
});
