import { EVENT_TABLE } from '#src/events/event.entity.js';
import { EventRepository } from '#src/events/event.repository.js';
import { EventsService } from '#src/events/index.js';
import { ENDPOINT_TABLE } from '#src/inference/endpoint.entity.js';
import { EndpointRepository } from '#src/inference/endpoint.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T01:00:00.000Z';

const endpoint = (name: string) => ({
  name,
  model: 'm',
  modelVersion: 4,
  alias: null,
  stage: 'staging' as const,
  status: 'Creating' as const,
  idleMs: null,
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
    await endpoints.create({ ...endpoint('serves-a'), model: 'served', modelVersion: 1 });
    await endpoints.create({ ...endpoint('serves-b'), model: 'served', modelVersion: 1 });
    await endpoints.create({ ...endpoint('serves-c'), model: 'served', modelVersion: 11 });
    expect((await endpoints.namesServing('served', 1)).sort()).toEqual(['serves-a', 'serves-b']);
  });

  it('changes what others write to all the time, and forgets an alias and an idle time of its own', async () => {
    await endpoints.create({ ...endpoint('busy'), alias: 'champion', idleMs: 5_000 });
    const touches = Promise.all(Array.from({ length: 5 }, () => endpoints.touch('busy', LATER)));
    const changed = await endpoints.change('busy', () => ({
      change: { modelVersion: 5, alias: null, idleMs: null, stage: 'production' },
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
