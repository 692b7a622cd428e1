// One execution's way through the feature store in a process of its own, which kills itself with SIGKILL at a chosen
// moment: `chunks`, when the bytes of a pack are written and their manifest is not; `index`, when the pack is whole and its
// blocks are not listed; `set`, when the blocks are there and the feature set is not. `none`: it lives, and answers.
// The parent sends `{ config, plan, frames, contentHash, executionId, moment }` after `ready`.
import 'reflect-metadata';
import { ARTIFACT_TABLES, ChunkedArtifactStore } from '../../dist/artifacts/index.js';
import { openDatabase } from '../../dist/database/index.js';
import { FeatureBlockStore } from '../../dist/feature-sets/feature-block-store.js';
import { FEATURE_BLOCK_TABLE, FEATURE_PACK_TABLE } from '../../dist/feature-sets/feature-pack.entity.js';
import { FeaturePacksRepository } from '../../dist/feature-sets/feature-packs.repository.js';
import { FEATURE_SET_TABLE } from '../../dist/feature-sets/feature-set.entity.js';
import { FeatureSetsRepository } from '../../dist/feature-sets/feature-sets.repository.js';
import { FeatureSetsService } from '../../dist/feature-sets/feature-sets.service.js';
import { FeatureStoreAccess } from '../../dist/training/feature-store-access.js';
import { ProcessingPool } from '../../dist/training/processing-pool.js';

const clock = { now: () => Date.now() };
const die = () => process.kill(process.pid, 'SIGKILL');

process.once('message', async ({ config, plan, frames, contentHash, executionId, moment }) => {
  const database = await openDatabase(config);
  await database.ensureTables([...ARTIFACT_TABLES, FEATURE_BLOCK_TABLE, FEATURE_PACK_TABLE, FEATURE_SET_TABLE]);
  if (moment === 'chunks') database.transact = die;
  if (moment === 'index') FeaturePacksRepository.prototype.index = die;
  if (moment === 'set') FeatureSetsRepository.prototype.create = die;
  const packs = new FeaturePacksRepository(database.table(FEATURE_BLOCK_TABLE), database.table(FEATURE_PACK_TABLE));
  const repository = new FeatureSetsRepository(database.table(FEATURE_SET_TABLE));
  const blocks = new FeatureBlockStore(packs, new ChunkedArtifactStore(database, clock), clock);
  const sets = new FeatureSetsService(repository, packs, blocks, { onDeleted() {} }, () => true, clock);
  const pool = new ProcessingPool({ size: 1, inlineValues: Infinity });
  const access = new FeatureStoreAccess({ sets, blocks });
  const preparation = await pool.prepareFrom(access, plan, frames);
  const made = await access.stage(plan, contentHash, preparation);
  const problems = await access.keep(made, { executionId, datasetId: 'dst_1', datasetVersion: 1 });
  await database.close();
  process.send({ hash: made.hash, problems: [...access.problems, ...problems] }, () => process.exit(0));
});
process.send('ready');
