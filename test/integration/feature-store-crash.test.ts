import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { FeatureStoreAccess } from '#src/training/feature-store-access.js';
import { ProcessingPool } from '#src/training/processing-pool.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { ClaimedExecution } from '#src/executions/index.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openFeatureStore, type TestFeatureStore } from '../support/feature-store.js';
import { exampleFrames, examplePlan } from '../support/training-example.js';

const CONTENT = 'a'.repeat(64);
const BLOCKS = 7;

interface Answer {
  readonly hash: string;
  readonly problems: readonly string[];
}

/** Real: one database, and executions in processes of their own that share it, some of which die by SIGKILL. */
describe('the feature store between processes', () => {
  const timeoutMs = 120_000;
  const pool = new ProcessingPool({ size: 1, inlineValues: Infinity });
  const plan = examplePlan((builder) =>
    builder.feature('sma', { window: 5 }).feature('ema').feature('rsi').feature('calendar'),
  );
  const frames = exampleFrames();
  const children: ChildProcess[] = [];
  let database: TestDatabase;
  let store: TestFeatureStore;

  beforeEach(async () => {
    database = await openTestDatabase();
    store = await openFeatureStore(database.database);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await database.close();
  });
  afterAll(() => pool.close());

  async function ready(): Promise<ChildProcess> {
    const child = fork(new URL('../support/feature-store-process.mjs', import.meta.url), {
      env: { ...process.env, NODE_OPTIONS: '--no-warnings' },
      serialization: 'advanced',
    });
    children.push(child);
    await once(child, 'message');
    return child;
  }

  function send(child: ChildProcess, executionId: string, moment: string): void {
    const { dataDir, database: settings } = database.config;
    const shared = { ...settings, kind: 'endpoint', endpoint: settings.endpoint ?? database.database.address };
    child.send({ config: { dataDir, database: shared }, plan, frames, contentHash: CONTENT, executionId, moment });
  }

  /** The next execution, in this process. */
  async function run(executionId: string) {
    const access = new FeatureStoreAccess(store);
    const { prepared, blocks, ...rest } = await pool.prepareFrom(access, plan, frames);
    const made = await access.stage(plan, CONTENT, { prepared, blocks, ...rest });
    if (made === null) throw new Error('no features were planned');
    const execution = { executionId, datasetId: 'dst_1', datasetVersion: 1 } as ClaimedExecution;
    const problems = [...access.problems, ...(await access.keep(made, execution))];
    return { prepared, hash: made.hash, problems, origins: blocks.map(({ origin }) => origin) };
  }

  async function countPacks(): Promise<number> {
    let count = 0;
    for await (const { pack } of store.packs.leastRecentlyUsed()) if (pack !== '') count++;
    return count;
  }

  it.each([
    ['chunks', 'computed'],
    ['index', 'computed'],
    ['set', 'stored'],
  ])(
    'shows nothing half-written of an execution that died at %s; the next one has its blocks %s',
    async (moment, origin) => {
      const child = await ready();
      const exit = once(child, 'exit');
      send(child, 'exe_dead', moment);
      expect((await exit)[1]).toBe('SIGKILL');
      expect((await store.sets.list(undefined, {})).items).toEqual([]);

      const next = await run('exe_next');
      expect(next.problems).toEqual([]);
      expect(next.origins).toEqual(Array(BLOCKS).fill(origin));
      expect(next.prepared).toEqual(prepareFrames(plan, frames));
      expect(await countPacks()).toBe(1);
      expect((await store.sets.get(next.hash)).executions.map(({ executionId }) => executionId)).toEqual(['exe_next']);
      expect((await run('exe_last')).origins).toEqual(Array(BLOCKS).fill('stored'));
    },
    timeoutMs,
  );

  it(
    'ends with one pack and one set when two processes write the same at once',
    async () => {
      const writers = await Promise.all([ready(), ready()]);
      const answers = writers.map(async (writer) => ((await once(writer, 'message')) as [Answer])[0]);
      writers.forEach((writer, at) => send(writer, `exe_${at}`, 'none'));
      const [first, second] = (await Promise.all(answers)) as [Answer, Answer];
      expect([...first.problems, ...second.problems]).toEqual([]);
      expect(second.hash).toBe(first.hash);
      expect(await countPacks()).toBe(1);
      const { items } = await store.sets.list(undefined, {});
      expect(items.map(({ hash }) => hash)).toEqual([first.hash]);
      const after = await run('exe_after');
      expect(after.problems).toEqual([]);
      expect(after.origins).toEqual(Array(BLOCKS).fill('stored'));
      expect(after.prepared).toEqual(prepareFrames(plan, frames));
      const ids = (await store.sets.get(first.hash)).executions.map(({ executionId }) => executionId);
      expect(ids).toEqual(['exe_0', 'exe_1', 'exe_after']);
    },
    timeoutMs,
  );
});
