import { Logger } from '@nestjs/common';
import { ARTIFACT_TABLES, ChunkedArtifactStore } from '#src/artifacts/index.js';
import { systemClock, type Clock } from '#src/common/clock.js';
import type { Database } from '#src/database/index.js';
import type { DatasetsService } from '#src/datasets/index.js';
import { FeatureBlockStore } from '#src/feature-sets/feature-block-store.js';
import { FEATURE_BLOCK_TABLE, FEATURE_PACK_TABLE } from '#src/feature-sets/feature-pack.entity.js';
import { FeaturePacksRepository } from '#src/feature-sets/feature-packs.repository.js';
import { FEATURE_SET_TABLE } from '#src/feature-sets/feature-set.entity.js';
import { FeatureSetsRepository } from '#src/feature-sets/feature-sets.repository.js';
import { FeatureSetsService, type KeepingRule } from '#src/feature-sets/feature-sets.service.js';
import { FeatureStoreCleaner } from '#src/feature-sets/feature-store-cleaner.js';

export interface FeatureStoreOptions {
  readonly clock?: Clock;
  /** Every block is kept unless told otherwise: tests do not depend on how long something takes. */
  readonly keeps?: KeepingRule;
  readonly limits?: { readonly bytes: number; readonly graceMs: number };
}

const LIMITS = { bytes: Number.MAX_SAFE_INTEGER, graceMs: 3_600_000 };

/** The real feature store over a real database; of the datasets it gets only the news of a deletion. */
export async function openFeatureStore(
  database: Database,
  { clock = systemClock, keeps = () => true, limits = LIMITS }: FeatureStoreOptions = {},
) {
  Logger.overrideLogger(false);
  await database.ensureTables([
    ...ARTIFACT_TABLES,
    FEATURE_BLOCK_TABLE,
    FEATURE_PACK_TABLE,
    FEATURE_SET_TABLE,
  ] as never);
  const artifacts = new ChunkedArtifactStore(database, clock);
  const packs = new FeaturePacksRepository(database.table(FEATURE_BLOCK_TABLE), database.table(FEATURE_PACK_TABLE));
  const repository = new FeatureSetsRepository(database.table(FEATURE_SET_TABLE));
  const blocks = new FeatureBlockStore(packs, artifacts, clock);
  const datasets = { onDeleted: () => undefined } as unknown as DatasetsService;
  const sets = new FeatureSetsService(repository, packs, blocks, datasets, keeps, clock);
  const featureStore = { ...limits, cron: '0 * * * *' };
  const cleaner = new FeatureStoreCleaner(sets, repository, packs, blocks, { featureStore }, clock);
  return { artifacts, packs, repository, blocks, sets, cleaner };
}

export type TestFeatureStore = Awaited<ReturnType<typeof openFeatureStore>>;
