import { EVENT_TABLE } from '#src/events/event.entity.js';
import { EventRepository } from '#src/events/event.repository.js';
import { EventsService } from '#src/events/index.js';
import { MODEL_TABLE } from '#src/registry/model.entity.js';
import { ModelRepository } from '#src/registry/model.repository.js';
import type { ModelRegistration } from '#src/registry/index.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const AT = '2026-01-01T00:00:00.000Z';
const PENDING = { status: 'PendingManualApproval', actor: 'trainyard', reason: null, at: AT } as const;

const registration = (model: string, executionId: string): ModelRegistration => ({
  model,
  executionId,
  templateId: 'tpl_1',
  templateVersion: 3,
  datasetId: 'dst_1',
  datasetVersion: 2,
  datasetContentHash: 'c'.repeat(64),
  featureSet: 'e'.repeat(64),
  warmStart: { executionId: 'exe_0', model: { name: 'numbered', version: 1 }, modelSha256: 'f'.repeat(64) },
  algorithm: 'ridge',
  targets: ['A', 'B'],
  lookBack: 24,
  horizon: 6,
  metrics: { seasonLength: 24, validation: null, test: null },
  modelSha256: 'd'.repeat(64),
  artifactOwner: executionId,
  artifacts: ['model.json'],
});

describe('ModelRepository', () => {
  let database: TestDatabase;
  let models: ModelRepository;
  let events: EventsService;

  const historyOf = async (model: string): Promise<readonly string[]> =>
    (await events.list({ model }, {})).items.map(({ type, modelVersion }) => `${type} ${modelVersion}`).reverse();

  beforeAll(async () => {
    database = await openTestDatabase();
    await database.database.ensureTables([MODEL_TABLE, EVENT_TABLE]);
    const clock = { now: () => Date.parse(AT) };
    events = new EventsService(new EventRepository(database.database.table(EVENT_TABLE)), database.database, clock);
    models = new ModelRepository(database.database.table(MODEL_TABLE), events);
  });
  afterAll(() => database.close());

  it('numbers versions from 1 and keeps their lineage', async () => {
    const first = await models.createVersion(registration('numbered', 'exe_1'), PENDING, AT);
    const second = await models.createVersion(registration('numbered', 'exe_2'), PENDING, AT);
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(await models.findVersion('numbered', 1)).toEqual({
      ...registration('numbered', 'exe_1'),
      version: 1,
      approval: 'PendingManualApproval',
      decisions: [PENDING],
      description: null,
      tags: {},
      createdAt: AT,
    });
    expect(await models.findModel('numbered')).toMatchObject({ name: 'numbered', latestVersion: 2 });
    expect((await models.listVersions('numbered', {})).items.map(({ version }) => version)).toEqual([2, 1]);
  });

  it('gives each of many writers at once a number of its own', async () => {
    const ids = Array.from({ length: 12 }, (_, at) => `exe_race_${at}`);
    const versions = await Promise.all(ids.map((id) => models.createVersion(registration('raced', id), PENDING, AT)));
    const numbers = versions.map(({ version }) => version).sort((a, b) => a - b);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(await models.findModel('raced')).toMatchObject({ latestVersion: 12 });
  });

  it('never gives the number of a deleted version again', async () => {
    await models.createVersion(registration('deleted', 'exe_d1'), PENDING, AT);
    await models.deleteVersion('deleted', 1, 'ann');
    expect((await models.createVersion(registration('deleted', 'exe_d2'), PENDING, AT)).version).toBe(2);
    expect(await models.findVersion('deleted', 1)).toBeNull();
  });

  it('finds the version of an execution, and none for another', async () => {
    await models.createVersion(registration('by-execution', 'exe_known'), PENDING, AT);
    expect(await models.findByExecution('exe_known')).toMatchObject({ model: 'by-execution', version: 1 });
    expect(await models.findByExecution('exe_unknown')).toBeNull();
  });

  it('keeps every decision, oldest first', async () => {
    await models.createVersion(registration('decided', 'exe_decided'), PENDING, AT);
    const rejected = { status: 'Rejected', actor: 'ann', reason: 'no skill', at: AT } as const;
    const approved = { status: 'Approved', actor: 'ben', reason: null, at: AT } as const;
    await models.decide('decided', 1, rejected);
    expect(await models.decide('decided', 1, approved)).toMatchObject({
      approval: 'Approved',
      decisions: [PENDING, rejected, approved],
    });
    expect(await models.decide('decided', 9, approved)).toBeNull();
  });

  it('tells of everything that changes, in order, together with the change', async () => {
    await models.createVersion(registration('told', 'exe_t1'), PENDING, AT);
    await models.createVersion(registration('told', 'exe_t2'), PENDING, AT);
    await models.decide('told', 1, { status: 'Approved', actor: 'ann', reason: 'good', at: AT });
    await models.setAlias('told', 'champion', 1, null, 'ann', AT);
    await models.setAlias('told', 'champion', 2, 'newer', 'ben', AT);
    await models.setAlias('told', 'champion', 2, 'again', 'ben', AT);
    await models.describeVersion('told', 2, { tags: { team: 'power' } }, 'ben');
    await models.removeAlias('told', 'champion', 'ben');
    await models.deleteVersion('told', 2, 'ben');
    expect(await historyOf('told')).toEqual([
      'model.registered 1',
      'model.registered 2',
      'model.approved 1',
      'alias.set 1',
      'alias.set 2',
      'model.changed 2',
      'alias.removed 2',
      'model.deleted 2',
    ]);
    const moved = (await events.list({ subject: 'models/told' }, {})).items.find(({ reason }) => reason === 'newer');
    expect(moved).toMatchObject({ actor: 'ben', data: { alias: 'champion', previousVersion: 1 } });
  });

  it('lets one of two who decide at once go first, and keeps both decisions', async () => {
    await models.createVersion(registration('decided-twice', 'exe_dt'), PENDING, AT);
    const by = (actor: string) => ({ status: 'Approved', actor, reason: null, at: AT }) as const;
    await Promise.all(['ann', 'ben', 'cid'].map((actor) => models.decide('decided-twice', 1, by(actor))));
    const decided = (await models.findVersion('decided-twice', 1))!.decisions.map(({ actor }) => actor);
    expect(decided.slice(1).sort()).toEqual(['ann', 'ben', 'cid']);
    expect(await historyOf('decided-twice')).toHaveLength(4);
  });

  it('keeps description, tags and policy of a model, and gives the manual policy to models from before', async () => {
    await models.createVersion(registration('described', 'exe_de'), PENDING, AT);
    expect(await models.findModel('described')).toMatchObject({
      policy: { kind: 'manual' },
      description: null,
      tags: {},
    });
    const policy = {
      kind: 'automatic',
      minimumSkill: 0.1,
      coverageTolerance: null,
      beats: 'champion',
      thenAlias: 'champion',
    } as const;
    await models.changeModel('described', { description: 'load', tags: { team: 'power' }, policy }, 'ann', AT);
    expect(await models.findModel('described')).toMatchObject({ policy, description: 'load', tags: { team: 'power' } });
    await models.changeModel('described', { description: '' }, 'ann', AT);
    expect(await models.findModel('described')).toMatchObject({ policy, description: null, tags: { team: 'power' } });
  });
});
