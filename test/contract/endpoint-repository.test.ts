import { EVENT_TABLE } from '#src/events/event.entity.js';
import { EventRepository } from '#src/events/event.repository.js';
import { EventsService } from '#src/events/index.js';
import { ENDPOINT_TABLE } from '#src/inference/endpoint.entity.js';
import { EndpointRepository } from '#src/inference/endpoint.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T01:00:00.000Z';

const only = (modelVersion: number, alias: string | null = null) => ({
  modelVersion,
  alias,
  variants: [{ name: 'AllTraffic', modelVersion, alias, weight: 1 }],
});

const endpoint = (name: string) => ({
  name,
  model: 'm',
  ...only(4),
  shadow: null,
  stage: 'staging' as const,
  status: 'Creating' as const,
  idleMs: null,
  keepWarm: false,
  storedShare: 1,
  deletion: null,
  createdBy: 'ann',
  createdAt: AT,
  lastUsedAt: AT,
});

describe('EndpointRepository', () => {
  let database: TestDatabase;
  let endpoints: EndpointRepository;
  let events: EventsService;

  const happened = {
    type: 'endpoint.reaped',
    actor: 'endpoint-reaper',
    reason: 'idle',
    model: 'm',
    modelVersion: 4,
  } as const;
  const eventsOf = async (name: string) =>
    (await events.list({ subject: `endpoints/${name}` }, {})).items.map(({ type, reason }) => [type, reason]);

  beforeAll(async () => {
    database = await openTestDatabase();
    await database.database.ensureTables([ENDPOINT_TABLE, EVENT_TABLE]);
    const repository = new EventRepository(database.database.table(EVENT_TABLE));
    events = new EventsService(repository, database.database, { now: () => Date.parse(AT) });
    endpoints = new EndpointRepository(database.database.table(ENDPOINT_TABLE), events);
  });
  afterAll(() => database.close());

  it('creates a name once', async () => {
    expect(await endpoints.create(endpoint('once'))).toEqual({ ...endpoint('once'), version: 1 });
    await expect(endpoints.create(endpoint('once'))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await endpoints.find('once')).toEqual({ ...endpoint('once'), version: 1 });
    expect(await endpoints.find('never')).toBeNull();
  });

  it('changes the status of exactly the state that was seen', async () => {
    const seen = await endpoints.create({ ...endpoint('seen'), idleMs: 5_000 });
    const used = await endpoints.touch('seen', LATER);
    expect(used).toMatchObject({ status: 'Creating', lastUsedAt: LATER, idleMs: 5_000, version: 2 });
    const change = { status: 'Idle' } as const;
    const event = { ...happened, endpoint: 'seen' };
    await expect(endpoints.changeSeen(seen, change, [event])).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await eventsOf('seen')).toEqual([]);
    const changed = await endpoints.changeSeen(used!, change, [event]);
    expect(changed).toEqual({ ...used!, status: 'Idle', version: 3 });
    expect(await endpoints.find('seen')).toEqual(changed);
    expect(await eventsOf('seen')).toEqual([['endpoint.reaped', 'idle']]);
  });

  it('deletes only what was seen, and touching what is gone brings nothing back', async () => {
    const seen = await endpoints.create(endpoint('gone'));
    await endpoints.touch('gone', LATER);
    await expect(endpoints.delete(seen, [])).rejects.toMatchObject({ code: 'CONFLICT' });
    await endpoints.delete((await endpoints.find('gone'))!, [
      { ...happened, type: 'endpoint.deleted', endpoint: 'gone' },
    ]);
    expect(await endpoints.touch('gone', LATER)).toBeNull();
    expect(await endpoints.find('gone')).toBeNull();
    expect(await eventsOf('gone')).toEqual([['endpoint.deleted', 'idle']]);
  });

  it('knows which endpoints serve a model version', async () => {
    await endpoints.create({ ...endpoint('serves-a'), model: 'served', ...only(1) });
    await endpoints.create({ ...endpoint('serves-b'), model: 'served', ...only(1) });
    await endpoints.create({ ...endpoint('serves-c'), model: 'served', ...only(11) });
    expect((await endpoints.namesServing('served', 1)).sort()).toEqual(['serves-a', 'serves-b']);
  });

  it('keeps variants and a shadow, and knows all the versions that they use', async () => {
    const split = {
      ...endpoint('split'),
      model: 'many',
      modelVersion: 1,
      variants: [
        { name: 'old', modelVersion: 1, alias: null, weight: 3 },
        { name: 'new', modelVersion: 2, alias: 'challenger', weight: 1 },
      ],
      shadow: { modelVersion: 3, alias: null },
    };
    const created = await endpoints.create(split);
    expect(await endpoints.find('split')).toEqual({ ...split, version: 1 });
    const users = () => Promise.all([1, 2, 3, 4].map((version) => endpoints.namesServing('many', version)));
    expect(await users()).toEqual([['split'], ['split'], ['split'], []]);
    expect((await endpoints.list({ limit: 100 })).items.filter(({ name }) => name === 'split')).toHaveLength(1);

    const moved = await endpoints.changeSeen(
      created,
      {
        variants: [{ name: 'new', modelVersion: 2, alias: null, weight: 1 }],
        shadow: { modelVersion: 4, alias: null },
      },
      [],
    );
    expect(moved).toMatchObject({ modelVersion: 2, alias: null, version: 2 });
    expect(await endpoints.find('split')).toEqual(moved);
    expect(await users()).toEqual([[], ['split'], [], ['split']]);
    const plain = await endpoints.changeSeen(moved, { ...only(1), shadow: null }, []);
    expect(await endpoints.find('split')).toEqual(plain);
    expect(plain.variants).toEqual(only(1).variants);
    expect(await users()).toEqual([['split'], [], [], []]);
    await endpoints.delete(await endpoints.changeSeen(plain, { shadow: split.shadow }, []), []);
    expect(await users()).toEqual([[], [], [], []]);
  });

  it('changes what others write to all the time, and forgets an alias and an idle time of its own', async () => {
    await endpoints.create({ ...endpoint('busy'), ...only(4, 'champion'), idleMs: 5_000 });
    const touches = Promise.all(Array.from({ length: 5 }, () => endpoints.touch('busy', LATER)));
    const changed = await endpoints.change('busy', () => ({
      change: { variants: only(5).variants, idleMs: null, stage: 'production' },
      events: [{ ...happened, type: 'endpoint.deployed', endpoint: 'busy' }],
    }));
    await touches;
    expect(changed).toMatchObject({ modelVersion: 5, alias: null, idleMs: null, stage: 'production' });
    expect(await endpoints.find('busy')).toMatchObject({
      modelVersion: 5,
      alias: null,
      idleMs: null,
      stage: 'production',
    });
    expect(await endpoints.namesServing('m', 5)).toEqual(['busy']);
    expect(await eventsOf('busy')).toHaveLength(1);
    expect(await endpoints.change('nobody', () => ({ change: {}, events: [] }))).toBeNull();
  });
});
