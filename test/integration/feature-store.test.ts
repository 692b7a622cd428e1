import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { FeatureStoreAccess, describeFeatureSet } from '#src/training/feature-store-access.js';
import { ProcessingPool, type Preparation } from '#src/training/processing-pool.js';
import type { ClaimedExecution } from '#src/executions/index.js';
import { ARTIFACT_CHUNK_TABLE, ARTIFACT_TABLE } from '#src/artifacts/artifact.entity.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openFeatureStore, type TestFeatureStore } from '../support/feature-store.js';
import { exampleFrames, examplePlan } from '../support/training-example.js';

const CONTENT = 'a'.repeat(64);

const planWith = (...windows: number[]): ProcessingPlan =>
  examplePlan((builder) =>
    windows.reduce((with_, window) => with_.feature('sma', { window }), builder.feature('calendar').feature('rsi')),
  );

/** Real: database, artifacts, store, pool. */
describe('the feature store', () => {
  let database: TestDatabase;
  let store: TestFeatureStore;
  const pool = new ProcessingPool({ size: 2, inlineValues: 0 });

  beforeEach(async () => {
    database = await openTestDatabase();
    store = await openFeatureStore(database.database);
  });
  afterEach(() => database.close());
  afterAll(() => pool.close());

  async function run(executionId: string, plan: ProcessingPlan, frames = exampleFrames(), contentHash = CONTENT) {
    const access = new FeatureStoreAccess(store);
    const preparation = await pool.prepareFrom(access, plan, frames);
    const made = await access.stage(plan, contentHash, preparation);
    if (made === null) throw new Error('no features were planned');
    const execution = { executionId, datasetId: 'dst_1', datasetVersion: 1 } as ClaimedExecution;
    const problems = [...access.problems, ...(await access.keep(made, execution))];
    return { preparation, hash: made.hash, problems };
  }

  const origins = ({ blocks }: Preparation) => blocks.map(({ origin }) => origin);

  it('gives the second execution what the first computed, byte for byte', async () => {
    const plan = planWith(5, 20);
    const first = await run('exe_1', plan);
    const second = await run('exe_2', plan);
    expect(new Set(origins(first.preparation))).toEqual(new Set(['computed']));
    expect(origins(second.preparation)).toEqual(Array(7).fill('stored'));
    expect(second.preparation.prepared).toEqual(prepareFrames(plan, exampleFrames()));
    expect(second.hash).toBe(first.hash);
    expect([...first.problems, ...second.problems]).toEqual([]);
    expect(describeFeatureSet(second.hash, { ...second.preparation, computeMs: 410 })).toBe(
      `Feature set ${second.hash.slice(0, 12)}: 14 of 14 columns from the store, 0 computed in 0.41 s`,
    );
    const set = await store.sets.get(first.hash);
    expect(set).toMatchObject({ rows: 600, columnCount: 14, createdBy: 'exe_1', steps: ['rsi', 'sma', 'calendar'] });
    expect(set.executions.map(({ executionId }) => executionId)).toEqual(['exe_1', 'exe_2']);
    expect(set.columns.find(({ name }) => name === 'north_SMA_5')).toMatchObject({
      count: 596,
      missing: 4,
      stored: true,
    });
  });

  it('computes only what a changed plan adds, and keeps both sets', async () => {
    const first = await run('exe_1', planWith(5));
    const second = await run('exe_2', planWith(5, 20));
    expect(second.hash).not.toBe(first.hash);
    const made = second.preparation.blocks.filter(({ origin }) => origin === 'computed');
    expect(made.map(({ asset, request }) => [asset, request.feature.parameters.window])).toEqual([
      ['north', 20],
      ['south', 20],
    ]);
    expect((await store.sets.list('dst_1', {})).items.map(({ hash }) => hash)).toEqual([second.hash, first.hash]);
    expect((await store.sets.list('dst_2', {})).items).toEqual([]);
  });

  it('recomputes what is corrupt and says so, and the next execution reads it again', async () => {
    const plan = planWith(5);
    await run('exe_1', plan);
    const chunks = database.database.table(ARTIFACT_CHUNK_TABLE);
    const [pack] = await packsOf();
    const [manifest] = (await database.database.table(ARTIFACT_TABLE).query({ partition: `feature-pack/${pack}` }))
      .items;
    const [chunk] = await chunks.findMany([{ generation: manifest!.generation, index: 0 }]);
    await chunks.put({ generation: chunk!.generation, index: 0, data: `AAAA${chunk!.data.slice(4)}` });
    const second = await run('exe_2', plan);
    expect(new Set(origins(second.preparation))).toEqual(new Set(['computed']));
    expect(second.preparation.prepared).toEqual(prepareFrames(plan, exampleFrames()));
    expect(second.problems).toHaveLength(1);
    expect(second.problems[0]).toMatch(
      /^a pack of 5 wanted blocks could not be read \(the stored bytes of "blocks.bin"/,
    );
    expect(origins((await run('exe_3', plan)).preparation)).toEqual(Array(5).fill('stored'));
  });

  it('ends with one valid pack when two write the same at once', async () => {
    const plan = planWith(5, 20);
    const results = await Promise.all(['exe_1', 'exe_2', 'exe_3'].map((executionId) => run(executionId, plan)));
    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
    expect(await packsOf()).toHaveLength(1);
    const after = await run('exe_4', plan);
    expect(origins(after.preparation)).toEqual(Array(7).fill('stored'));
    expect((await store.sets.listUsages(after.hash, {})).items).toHaveLength(4);
  });

  it('keeps nothing that is computed faster than read, and still describes it', async () => {
    store = await openFeatureStore(database.database, { keeps: () => false });
    const plan = planWith(5);
    const { hash } = await run('exe_1', plan);
    expect(await packsOf()).toEqual([]);
    expect((await store.sets.get(hash)).columns.map(({ stored }) => stored)).toEqual(Array(12).fill(false));
    expect(new Set(origins((await run('exe_2', plan)).preparation))).toEqual(new Set(['computed']));
  });

  it('computes of appended rows only what depends on them, to the same bytes', async () => {
    // Dates, so that the train part and with it the longest small gap stay as they are.
    const [north] = exampleFrames(600);
    const at = (row: number) => north!.frame.times[row]!;
    const split = { by: 'date', trainEnd: at(400), validationEnd: at(500), testEnd: null } as const;
    const plan = examplePlan((builder) =>
      builder
        .feature('sma', { window: 20 })
        .feature('ema', { window: 5 })
        .feature('lags', { lags: [3] })
        .split(split),
    );
    const whole = exampleFrames(600);
    const before = whole.map(({ asset, assetClass, frame }) => ({
      asset,
      assetClass,
      frame: {
        times: frame.times.slice(0, -1),
        names: frame.names,
        columns: frame.columns.map((column) => column.slice(0, -1)),
      },
    }));
    await run('exe_1', plan, before);
    const { preparation } = await run('exe_2', plan, whole, 'b'.repeat(64));
    const rows = new Map(preparation.blocks.map(({ request, computedRows }) => [request.feature.step, computedRows]));
    expect(rows.get('ema')).toBe(600);
    expect(rows.get('sma')).toBeLessThan(60);
    expect(rows.get('lags')).toBeLessThan(10);
    expect(preparation.prepared).toEqual(prepareFrames(plan, whole));
  });

  it('is cleaned of what nothing uses, and beyond its limit of what was used longest ago', async () => {
    let now = Date.UTC(2026, 0, 1);
    const clock = { now: () => now };
    const wide = { bytes: 1e9, graceMs: 1_000 };
    store = await openFeatureStore(database.database, { clock, limits: wide });
    const first = await run('exe_1', planWith(5));
    await run('exe_2', planWith(5, 20));
    now += 5_000;
    expect(await store.cleaner.clean()).toEqual({ sets: 0, packs: 0, bytes: 0 });
    await store.sets.dropUsages('exe_1');
    // The blocks of the first are used by the second as well.
    expect(await store.cleaner.clean()).toEqual({ sets: 1, packs: 0, bytes: 0 });
    await expect(store.sets.get(first.hash)).rejects.toMatchObject({ code: 'FEATURE_SET_NOT_FOUND' });
    const narrow = await openFeatureStore(database.database, { clock, limits: { ...wide, bytes: 0 } });
    expect(await narrow.cleaner.clean()).toMatchObject({ sets: 0, packs: 2 });
    expect(new Set(origins((await run('exe_3', planWith(5, 20))).preparation))).toEqual(new Set(['computed']));
  });

  it('refuses an unknown hash by its code', async () => {
    await expect(store.sets.get('nothing')).rejects.toMatchObject({
      code: 'FEATURE_SET_NOT_FOUND',
      message: 'There is no feature set nothing: GET /api/v1/feature-sets lists those there are',
    });
  });

  async function packsOf(): Promise<string[]> {
    const packs: string[] = [];
    for await (const { pack } of store.packs.leastRecentlyUsed()) packs.push(pack);
    return packs;
  }
});
