import { DATABASE, LEASE_TABLE, Leases, type Database } from '#src/database/index.js';
import { EndpointRepository } from '#src/inference/endpoint.repository.js';
import { EndpointRetirement } from '#src/inference/index.js';
import { EndpointUse } from '#src/inference/endpoint-use.js';
import { seededUniform } from '../support/series.js';
import { Serving, TestClock } from '../support/serving.js';

const HOUR_MS = 3_600_000;
const IDLE = 'idle for 3600.0 s, the limit is 3600.0 s';

describe('reaping by several processes on one database', () => {
  const clock = new TestClock();
  let first: Serving;
  let second: Serving;
  const statusOf = async (name: string) => (await second.endpoints.get(name)).status;
  const outcomeOf = (sweep: { endpoints: readonly { endpoint: string }[] } | null, name: string) =>
    sweep?.endpoints.find(({ endpoint }) => endpoint === name);
  const deploy = (name: string, more: object = {}) =>
    first.send('POST', '/endpoints', { name, model: 'load', ...more });

  beforeAll(async () => {
    first = await Serving.start({ clock });
    second = await Serving.start({ clock, beside: first });
    await first.register('load');
  }, 60_000);
  afterAll(async () => {
    await second.stop();
    await first.stop();
  });
  afterEach(async () => {
    for await (const { name } of first.endpoints.all()) await first.send('DELETE', `/endpoints/${name}`);
  });

  it('reaps what no process uses, frees the memory of each, and every process wakes it', async () => {
    await deploy('idle');
    expect((await second.forecast('idle')).body).toMatchObject({ modelVersion: 1, endpoint: 'idle' });
    expect([first.models.holds('idle'), second.models.holds('idle')]).toEqual([true, true]);
    clock.advance(HOUR_MS - 1);
    expect((await first.reaper.sweep()).endpoints).toEqual([
      { endpoint: 'idle', status: 'InService', action: 'keep', reason: 'used 3600.0 s ago', outcome: 'kept' },
    ]);
    clock.advance(1);
    expect(outcomeOf(await first.reaper.tick(), 'idle')).toMatchObject({ reason: IDLE, outcome: 'done' });
    expect([first.models.holds('idle'), second.models.holds('idle')]).toEqual([false, true]);
    expect(outcomeOf(await second.reaper.tick(), 'idle')).toMatchObject({ reason: 'is Idle already', outcome: 'kept' });
    expect(second.models.holds('idle')).toBe(false);
    const answers = await Promise.all([1, 2, 3, 4].map((at) => (at % 2 === 0 ? first : second).forecast('idle')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await statusOf('idle')).toBe('InService');
    expect(await first.activity('idle')).toEqual([
      { type: 'endpoint.deployed', actor: 'anonymous', reason: 'created' },
      { type: 'endpoint.reaped', actor: 'endpoint-reaper', reason: IDLE },
      { type: 'endpoint.woken', actor: 'anonymous', reason: 'was Idle, asked for a forecast' },
    ]);
  });

  it('sweeps in one process at a time, and takes over from one that died', async () => {
    const table = first.app.get<Database>(DATABASE).table(LEASE_TABLE);
    const dead = await new Leases(table, clock).acquire('endpoint-reaper', 'own_dead', 60_000);
    expect(dead).not.toBeNull();
    expect(await second.reaper.tick()).toBeNull();
    expect(await second.send('POST', '/endpoint-reaper/sweep')).toMatchObject({
      status: 409,
      body: { code: 'SWEEP_UNDER_WAY', details: { leaseMs: 60_000 } },
    });
    clock.advance(30_000);
    expect(await dead!.renew()).toBe(true);
    clock.advance(59_999);
    expect(await second.reaper.tick()).toBeNull();
    clock.advance(1);
    expect(await second.reaper.tick()).toMatchObject({ isComplete: true });
    expect(await dead!.renew()).toBe(false);
    // Given back at the end, not only when it expires.
    expect(await first.reaper.tick()).toMatchObject({ isComplete: true });
  });

  it('of many that want the lease at once one gets it', async () => {
    const table = first.app.get<Database>(DATABASE).table(LEASE_TABLE);
    const leases = new Leases(table, clock);
    const got = await Promise.all(Array.from({ length: 8 }, (_, at) => leases.acquire('raced', `own_${at}`, 1_000)));
    expect(got.filter((lease) => lease !== null)).toHaveLength(1);
  });

  it('does not reap what another process used after the decision, or is using', async () => {
    await deploy('busy');
    clock.advance(HOUR_MS);
    const decided = await first.endpoints.get('busy');
    await second.forecast('busy');
    expect(await first.app.get(EndpointRetirement).reap(decided, IDLE)).toBe(false);
    expect(await statusOf('busy')).toBe('InService');

    // A request that takes two hours: the timer of its process keeps the time of use young.
    let end = (): void => undefined;
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const long = second.endpoints.withModel('busy', { name: 'ann' }, () => {
      begun();
      return new Promise<void>((resolve) => (end = resolve));
    });
    await hasBegun;
    for (let hour = 0; hour < 2; hour++) {
      clock.advance(HOUR_MS);
      await second.app.get(EndpointUse).noteUsesUnderWay();
      expect(outcomeOf(await first.reaper.sweep(), 'busy')).toMatchObject({ action: 'keep', reason: 'used 0.0 s ago' });
    }
    // It may be reaped by a process whose clock is wrong: the request goes on, and its process puts that right.
    const reaped = await first.endpoints.get('busy');
    expect(await first.app.get(EndpointRetirement).reap(reaped, 'wrong clock')).toBe(true);
    clock.advance(1_000);
    await second.app.get(EndpointUse).noteUsesUnderWay();
    expect(await statusOf('busy')).toBe('InService');
    end();
    await long;
    expect((await first.activity('busy')).at(-1)).toEqual({
      type: 'endpoint.woken',
      actor: 'trainyard',
      reason: 'was Idle, reaped while it was asked for a forecast',
    });
  });

  it('fails no request while endpoints are reaped again and again', async () => {
    await deploy('raced', { idleSeconds: 1 });
    const statuses = new Set<number>();
    const uniform = seededUniform(5);
    const ask = async (service: Serving) => {
      await new Promise((resolve) => setTimeout(resolve, 10 * uniform()));
      statuses.add((await service.forecast('raced')).status);
    };
    let reaped = 0;
    for (let round = 0; round < 40; round++) {
      clock.advance(2_000);
      const sweep = (round % 2 === 0 ? first : second).reaper.tick();
      // Every fourth time nobody asks before the sweep has ended; otherwise the two processes ask meanwhile.
      if (round % 4 === 0) expect(outcomeOf(await sweep, 'raced')).toMatchObject({ outcome: 'done' });
      await Promise.all([ask(first), ask(second)]);
      if ((outcomeOf(await sweep, 'raced') as { outcome?: string } | undefined)?.outcome === 'done') reaped += 1;
    }
    expect([...statuses]).toEqual([200]);
    const history = await first.activity('raced');
    expect(history.filter(({ type }) => type === 'endpoint.reaped')).toHaveLength(reaped);
  }, 60_000);

  it('cleans up what a process that died left in creation, in update or in deletion', async () => {
    await deploy('created');
    await deploy('updated');
    await deploy('deleted');
    const repository = first.app.get(EndpointRepository);
    await repository.change('created', () => ({ change: { status: 'Creating' }, events: [] }));
    await repository.change('updated', () => ({ change: { status: 'Updating' }, events: [] }));
    const deletion = { by: 'ann', at: new Date(clock.now()).toISOString() };
    await repository.change('deleted', () => ({ change: { status: 'Deleting', deletion }, events: [] }));
    expect((await second.reaper.sweep()).endpoints.map(({ reason }) => reason).sort()).toEqual([
      'is being created',
      'is being deleted',
      'is being updated',
    ]);
    clock.advance(600_000);
    await second.reaper.sweep();
    expect([await statusOf('created'), await statusOf('updated')]).toEqual(['Failed', 'InService']);
    expect(await first.send('GET', '/endpoints/deleted')).toMatchObject({ status: 404 });
    expect((await first.activity('deleted')).at(-1)).toEqual({
      type: 'endpoint.deleted',
      actor: 'ann',
      reason: 'in deletion for 600.0 s, more than 600.0 s',
    });
    expect(await first.forecast('created')).toMatchObject({ status: 200 });
    expect(await statusOf('created')).toBe('InService');
  });

  it('says without doing in a dry run', async () => {
    await deploy('dry');
    clock.advance(HOUR_MS);
    const before = await first.endpoints.get('dry');
    const swept = { endpoint: 'dry', status: 'InService', action: 'reap', reason: IDLE };
    expect(await second.send('POST', '/endpoint-reaper/sweep?dryRun=true')).toEqual({
      status: 200,
      body: {
        isDryRun: true,
        at: new Date(clock.now()).toISOString(),
        isComplete: true,
        endpoints: [{ ...swept, outcome: 'decided' }],
      },
    });
    expect(await first.endpoints.get('dry')).toEqual(before);
    expect(await second.send('POST', '/endpoint-reaper/sweep')).toMatchObject({
      status: 200,
      body: { isDryRun: false, endpoints: [{ ...swept, outcome: 'done' }] },
    });
    expect(await second.send('POST', '/endpoint-reaper/sweep?dryRun=perhaps')).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED' },
    });
  });

  it('never reaps what is kept warm, wakes it, and loads it on the start of a process', async () => {
    expect(await deploy('warm', { keepWarm: true })).toMatchObject({ status: 201, body: { keepWarm: true } });
    await deploy('cold');
    clock.advance(10 * HOUR_MS);
    const sweep = await first.reaper.sweep();
    expect(outcomeOf(sweep, 'warm')).toMatchObject({ action: 'keep', reason: 'is kept warm' });
    expect(await statusOf('cold')).toBe('Idle');
    const third = await Serving.start({ clock, beside: first });
    try {
      expect([third.models.holds('warm'), third.models.holds('cold')]).toEqual([true, false]);
    } finally {
      await third.stop();
    }
    expect(await first.send('PATCH', '/endpoints/cold', { keepWarm: true })).toMatchObject({
      status: 200,
      body: { status: 'InService', keepWarm: true },
    });
    expect((await first.activity('cold')).at(-1)).toMatchObject({
      type: 'endpoint.woken',
      reason: 'was Idle, is kept warm',
    });
  });

  it('answers the requests that are under way of an endpoint that is deleted, and refuses new ones', async () => {
    await deploy('leaving');
    let end = (): void => undefined;
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const request = first.endpoints.withModel('leaving', { name: 'ann' }, async () => {
      begun();
      await new Promise<void>((resolve) => (end = resolve));
      return 'answered';
    });
    await hasBegun;
    const deleted = first.send('DELETE', '/endpoints/leaving');
    while ((await statusOf('leaving')) !== 'Deleting') await new Promise((resolve) => setTimeout(resolve, 5));
    for (const service of [first, second]) {
      expect(await service.forecast('leaving')).toMatchObject({
        status: 404,
        body: { code: 'ENDPOINT_NOT_FOUND', message: expect.stringContaining('is being deleted') as string },
      });
    }
    expect(await first.send('PATCH', '/endpoints/leaving', { idleSeconds: 5 })).toMatchObject({ status: 404 });
    expect(await deploy('leaving')).toMatchObject({ status: 409, body: { code: 'ENDPOINT_EXISTS' } });
    end();
    expect(await request).toBe('answered');
    expect((await deleted).status).toBe(204);
    expect(await first.send('GET', '/endpoints/leaving')).toMatchObject({ status: 404 });
    expect((await first.activity('leaving')).map(({ type, reason }) => [type, reason])).toEqual([
      ['endpoint.deployed', 'created'],
      ['endpoint.retired', 'deleted'],
      ['endpoint.deleted', null],
    ]);
  });
});
