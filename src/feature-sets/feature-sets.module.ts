import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/index.js';
import { DatabaseModule } from '../database/index.js';
import { DatasetsModule } from '../datasets/index.js';
import { FeatureBlockStore } from './feature-block-store.js';
import { FEATURE_BLOCK_TABLE, FEATURE_PACK_TABLE } from './feature-pack.entity.js';
import { FeaturePacksRepository } from './feature-packs.repository.js';
import { FEATURE_SET_TABLE } from './feature-set.entity.js';
import { FeatureSetExport } from './feature-set-export.service.js';
import { FeatureSetsController } from './feature-sets.controller.js';
import { FeatureSetsRepository } from './feature-sets.repository.js';
import { FeatureSetsService, KEEPING_RULE, keepWhatReadsFaster } from './feature-sets.service.js';
import { FeatureStoreCleaner } from './feature-store-cleaner.js';
import { FeatureStoreSchedule } from './feature-store-schedule.js';

/** What feature steps made, kept for whoever needs the same: inject `FeatureSetsService` and `FeatureBlockStore`. */
@Module({
  imports: [
    DatabaseModule.forFeature([FEATURE_BLOCK_TABLE, FEATURE_PACK_TABLE, FEATURE_SET_TABLE]),
    ArtifactsModule,
    DatasetsModule,
  ],
  controllers: [FeatureSetsController],
  providers: [
    FeaturePacksRepository,
    FeatureSetsRepository,
    FeatureBlockStore,
    { provide: KEEPING_RULE, useValue: keepWhatReadsFaster },
    FeatureSetsService,
    FeatureSetExport,
    FeatureStoreCleaner,
    FeatureStoreSchedule,
  ],
  exports: [FeatureSetsService, FeatureBlockStore],
})
export class FeatureSetsModule {}
