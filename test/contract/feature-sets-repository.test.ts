import { createHash } from 'node:crypto';
import { FEATURE_BLOCK_TABLE, FEATURE_PACK_TABLE } from '#src/feature-sets/feature-pack.entity.js';
import { FeaturePacksRepository } from '#src/feature-sets/feature-packs.repository.js';
import type { FeatureSet, FeatureSetColumn } from '#src/feature-sets/feature-set.js';
import { FEATURE_SET_TABLE } from '#src/feature-sets/feature-set.entity.js';
import { FeatureSetsRepository } from '#src/feature-sets/feature-sets.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { planOf } from '../support/plans.js';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

const setOf = (hash: string, second = 0): FeatureSet => ({
  hash,
  datasetContentHash: 'c'.repeat(64),
  rows: 10,
  start: 0,
  end: 9_000,
  columnCount: 2,
  steps: ['sma'],
  createdAt: at(second),
  createdBy: 'exe_1',
  usedAt: at(second),
});

const columnsOf = (count: number): FeatureSetColumn[] =>
  Array.from({ length: count }, (_, column) => ({
    name: `c${column}`,
    asset: null,
    step: 'sma',
    block: 'b'.repeat(64),
    stored: true,
    ...{ count: 9, missing: 1, mean: 0.1, std: null, min: -1e-300, max: 1e300 },
  }));

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  await database.database.ensureTables([FEATURE_SET_TABLE, FEATURE_BLOCK_TABLE, FEATURE_PACK_TABLE] as never);
});
afterAll(() => database.close());

describe('FeatureSetsRepository', () => {
  let sets: FeatureSetsRepository;
  beforeAll(() => {
    sets = new FeatureSetsRepository(database.database.table(FEATURE_SET_TABLE));
  });

  const create = (set: FeatureSet, generation = 'gen_1', columns = columnsOf(2), plan = planOf(['a'])) =>
    sets.create({ set, lineage: `lineage of ${set.hash.slice(0, 4)}`, generation, packs: ['p1'], columns, plan });
  const usage = (executionId: string, datasetId = 'dst_1', datasetVersion = 1) => ({
    ...{ executionId, datasetId, datasetVersion, usedAt: at(0) },
  });

  it('gives columns and plan back, in their order, however many items they take', async () => {
    const ids = Array.from({ length: 20_000 }, (_, id) => createHash('sha256').update(`${id}`).digest('base64'));
    const plan = planOf(ids);
    await create(setOf('large'), 'gen_1', columnsOf(600), plan);
    const found = (await sets.find('large'))!;
    expect(found.set).toEqual(setOf('large'));
    expect(await sets.listColumns(found)).toEqual(columnsOf(600));
    expect(await sets.getPlan(found)).toEqual(plan);
    expect(await sets.find('none')).toBeNull();
  });

  it('keeps the first of two that are created, whole, and nothing of the second', async () => {
    expect(await create(setOf('twice'), 'gen_1', columnsOf(3))).toBe(true);
    expect(await create(setOf('twice', 5), 'gen_2', columnsOf(4))).toBe(false);
    const found = (await sets.find('twice'))!;
    expect([found.generation, found.set.createdAt]).toEqual(['gen_1', at(0)]);
    expect(await sets.listColumns(found)).toEqual(columnsOf(3));
    expect(await sets.listColumns({ ...found, generation: 'gen_2' })).toEqual([]);
    await expect(sets.getPlan({ ...found, generation: 'gen_2' })).rejects.toThrow('feature set twice has no plan');
  });

  it('pages through all sets and those of a dataset, newest first, and through their usages', async () => {
    for (const second of [1, 2, 3]) {
      const set = setOf(`page${second}`, second);
      await create(set);
      await sets.addUsage(set, usage('exe_9', 'dst_paged'));
    }
    const first = await sets.list('dst_paged', { limit: 2 });
    const second = await sets.list('dst_paged', { limit: 2, cursor: first.cursor });
    expect([first, second].map(({ items }) => items.map(({ hash }) => hash))).toEqual([['page3', 'page2'], ['page1']]);
    expect(second.cursor).toBeNull();
    expect((await sets.list(undefined, { limit: 3 })).items.map(({ hash }) => hash)).toContain('page3');
    expect((await sets.listLineage('lineage of page', 2)).map(({ hash }) => hash)).toEqual(['page3', 'page2']);
    expect(await sets.hashesOfExecution('exe_9')).toEqual(['page1', 'page2', 'page3']);
    await sets.addUsage(setOf('page1', 1), usage('exe_8', 'dst_paged', 4));
    const one = await sets.listUsages('page1', { limit: 1 });
    const two = await sets.listUsages('page1', { limit: 1, cursor: one.cursor });
    expect([...one.items, ...two.items].map(({ executionId }) => executionId)).toEqual(['exe_8', 'exe_9']);
    expect(await sets.findDataset('page1')).toEqual({ datasetId: 'dst_paged', datasetVersion: 4 });
  });

  it('removes a set with all that is its own, unless it was used since it was read', async () => {
    const set = setOf('removed');
    await create(set);
    await sets.addUsage(set, usage('exe_1'));
    const before = (await sets.find('removed'))!;
    const used = (await sets.use('removed', at(9), ['p2', 'p1']))!;
    expect([used.set.usedAt, used.packs]).toEqual([at(9), ['p1', 'p2']]);
    expect(await sets.remove(before)).toBe(false);
    expect(await sets.listColumns(used)).toHaveLength(2);
    expect(await sets.remove(used)).toBe(true);
    expect(await sets.find('removed')).toBeNull();
    expect(await sets.listColumns(used)).toEqual([]);
    await expect(sets.getPlan(used)).rejects.toThrow('has no plan');
    expect(await sets.listDatasets('removed')).toEqual([]);
    expect(await sets.use('removed', at(10), [])).toBeNull();
    await sets.removeUsages('exe_1', ['removed']);
    expect((await sets.listUsages('removed', {})).items).toEqual([]);
  });
});

describe('FeaturePacksRepository', () => {
  let packs: FeaturePacksRepository;
  beforeAll(() => {
    packs = new FeaturePacksRepository(
      database.database.table(FEATURE_BLOCK_TABLE),
      database.database.table(FEATURE_PACK_TABLE),
    );
  });

  const record = (pack: string, second: number, blocks = [`${pack}-block`]) => ({
    ...{ pack, usedAt: at(second), bytes: 8, blocks },
  });
  const listed = async () => {
    const found: [string, string][] = [];
    for await (const { pack, usedAt } of packs.leastRecentlyUsed()) found.push([pack, usedAt]);
    return found;
  };

  it('lists packs by their last use, which never goes back', async () => {
    await packs.register(record('old', 1));
    await packs.register(record('new', 2));
    await packs.register(record('old', 3));
    await packs.touch('new', at(1));
    await packs.touch('none', at(1));
    expect(await listed()).toEqual([
      ['new', at(2)],
      ['old', at(3)],
    ]);
  });

  it('finds blocks once they are indexed, and takes only its own out of the index', async () => {
    await packs.index('old', ['b1', 'b2']);
    await packs.index('new', ['b2', 'b3']);
    const packOf = async () => Object.fromEntries(await packs.findPacks(['b1', 'b2', 'b3', 'b4']));
    expect(await packOf()).toEqual({ b1: 'old', b2: 'new', b3: 'new' });
    await packs.unindex('old', ['b1', 'b2']);
    expect(await packOf()).toEqual({ b2: 'new', b3: 'new' });
  });

  it('gives a pack to one clean-up only, and not when it was used since it was listed', async () => {
    await packs.register(record('claimed', 4));
    await packs.touch('claimed', at(5));
    expect(await packs.claim(record('claimed', 4), at(9))).toBeNull();
    const claims = await Promise.all([1, 2, 3].map(() => packs.claim(record('claimed', 5), at(9))));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    expect(await packs.claim(record('none', 5), at(9))).toBeNull();
  });

  it('knows whether a set uses a pack, and forgets it with all its traces', async () => {
    await packs.register(record('used', 6));
    await packs.addUser(['used'], 'set_1#gen_1');
    await packs.addUser(['used'], 'set_1#gen_2');
    await packs.removeUser(['used'], 'set_1#gen_1');
    expect(await packs.isUsed('used')).toBe(true);
    await packs.removeUser(['used'], 'set_1#gen_2');
    expect(await packs.isUsed('used')).toBe(false);
    await packs.addUser(['used'], 'set_2#gen_1');
    await packs.forget('used');
    expect(await packs.isUsed('used')).toBe(false);
    expect((await listed()).map(([pack]) => pack)).not.toContain('used');
  });
});
