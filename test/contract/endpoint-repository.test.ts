import { ENDPOINT_TABLE } from '#src/inference/endpoint.entity.js';
import { EndpointRepository } from '#src/inference/endpoint.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T01:00:00.000Z';

const endpoint = (name: string) => ({
  name,
  model: 'm',
  modelVersion: 4,
  status: 'Creating' as const,
  idleMs: null,
  createdBy: 'ann',
  createdAt: AT,
  lastUsedAt: AT,
});

describe('EndpointRepository', () => {
  let database: TestDatabase;
  let endpoints: EndpointRepository;

  beforeAll(async () => {
    database = await openTestDatabase();
    await database.database.ensureTables([ENDPOINT_TABLE]);
    endpoints = new EndpointRepository(database.database.table(ENDPOINT_TABLE));
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
    const used = await endpoints.touch('seen', 'InService', LATER);
    expect(used).toMatchObject({ status: 'InService', lastUsedAt: LATER, idleMs: 5_000, version: 2 });
    await expect(endpoints.changeStatus(seen, 'Idle')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await endpoints.changeStatus(used!, 'Idle')).toMatchObject({ status: 'Idle', version: 3 });
  });

  it('deletes only what was seen, and touching what is gone brings nothing back', async () => {
    const seen = await endpoints.create(endpoint('gone'));
    await endpoints.touch('gone', 'InService', LATER);
    await expect(endpoints.delete(seen)).rejects.toMatchObject({ code: 'CONFLICT' });
    await endpoints.delete((await endpoints.find('gone'))!);
    expect(await endpoints.touch('gone', 'InService', LATER)).toBeNull();
    expect(await endpoints.find('gone')).toBeNull();
  });

  it('knows which endpoints serve a model version', async () => {
    await endpoints.create({ ...endpoint('serves-a'), model: 'served', modelVersion: 1 });
    await endpoints.create({ ...endpoint('serves-b'), model: 'served', modelVersion: 1 });
    await endpoints.create({ ...endpoint('serves-c'), model: 'served', modelVersion: 11 });
    expect((await endpoints.namesServing('served', 1)).sort()).toEqual(['serves-a', 'serves-b']);
  });

  it('lists its history newest first', async () => {
    await endpoints.create(endpoint('history'));
    await endpoints.record('history', { at: AT, event: 'created', actor: 'ann', reason: 'serves m version 4' });
    await endpoints.record('history', { at: LATER, event: 'reaped', actor: 'endpoint-reaper', reason: 'idle' });
    expect((await endpoints.activity('history', {})).items).toEqual([
      { at: LATER, event: 'reaped', actor: 'endpoint-reaper', reason: 'idle' },
      { at: AT, event: 'created', actor: 'ann', reason: 'serves m version 4' },
    ]);
  });
});
