import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { ARTIFACT_TABLES, ChunkedArtifactStore } from '../dist/artifacts/index.js';
import { openDatabase } from '../dist/database/index.js';
import { FeatureBlockStore } from '../dist/feature-sets/feature-block-store.js';
import { FEATURE_BLOCK_TABLE, FEATURE_PACK_TABLE } from '../dist/feature-sets/feature-pack.entity.js';
import { FeaturePacksRepository } from '../dist/feature-sets/feature-packs.repository.js';
import { FEATURE_SET_TABLE } from '../dist/feature-sets/feature-set.entity.js';
import { FeatureSetsRepository } from '../dist/feature-sets/feature-sets.repository.js';
import { FeatureSetsService, keepWhatReadsFaster } from '../dist/feature-sets/feature-sets.service.js';
import { FeatureStoreAccess } from '../dist/training/feature-store-access.js';

/** The real feature store over an embedded database of its own; `keeping`: `shipped` or `all`. */
export async function openStore(keeping) {
  const dataDir = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
  const database = await openDatabase({
    dataDir,
    database: { kind: 'embedded', endpoint: null, region: 'us-east-1', tablePrefix: '', createTables: true },
  });
  await database.ensureTables([...ARTIFACT_TABLES, FEATURE_BLOCK_TABLE, FEATURE_PACK_TABLE, FEATURE_SET_TABLE]);
  const clock = { now: () => Date.now() };
  const packs = new FeaturePacksRepository(database.table(FEATURE_BLOCK_TABLE), database.table(FEATURE_PACK_TABLE));
  const repository = new FeatureSetsRepository(database.table(FEATURE_SET_TABLE));
  const blocks = new FeatureBlockStore(packs, new ChunkedArtifactStore(database, clock), clock);
  const keeps = keeping === 'all' ? () => true : keepWhatReadsFaster;
  const sets = new FeatureSetsService(repository, packs, blocks, { onDeleted() {} }, keeps, clock);
  return {
    sets,
    blocks,
    async close() {
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * What an execution does about features, in milliseconds: `prepareMs`, from raw frames to prepared ones; `findMs`, the
 * store's part of it; `stageMs`, describing and packing before the training starts; `keepMs`, writing, beside the training.
 */
export async function timedExecution(pool, store, plan, frames, executionId) {
  const access = store === null ? null : new FeatureStoreAccess(store);
  let findMs = 0;
  const source = access && {
    earlierRows: (of) => access.earlierRows(of),
    async find(wanted) {
      const begin = performance.now();
      const found = await access.find(wanted);
      findMs = Math.round(performance.now() - begin);
      return found;
    },
  };
  const [preparation, prepareMs] = await timed(() => pool.prepareFrom(source, plan, frames));
  if (access === null) return { preparation, prepareMs };
  const [made, stageMs] = await timed(() => access.stage(plan, 'a'.repeat(64), preparation));
  const execution = { executionId, datasetId: 'dst_bench', datasetVersion: 1 };
  const [, keepMs] = await timed(() => access.keep(made, execution));
  if (access.problems.length > 0) throw new Error(access.problems.join('; '));
  const stored = preparation.blocks.filter(({ origin }) => origin === 'stored');
  const bytes = stored.flatMap(({ block }) => block.columns).reduce((sum, column) => sum + column.byteLength, 0);
  const read = `${stored.length} of ${preparation.blocks.length} blocks (${(bytes / 1e6).toFixed(1)} MB)`;
  return { preparation, prepareMs, findMs, computeMs: Math.round(preparation.computeMs), read, stageMs, keepMs };
}

async function timed(work) {
  const begin = performance.now();
  const result = await work();
  return [result, Math.round(performance.now() - begin)];
}
