import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/index.js';
import { ChunksRepository } from './chunks.repository.js';
import { DatasetCleaner } from './dataset-cleaner.js';
import { DatasetContent } from './dataset-content.js';
import { DatasetAppendService } from './dataset-append.service.js';
import { DatasetImportService } from './dataset-import.service.js';
import { DatasetRecovery } from './dataset-recovery.js';
import { ASSET_TABLE, CHUNK_TABLE, DATASET_TABLE, IMPORT_TABLE } from './dataset.entity.js';
import { DatasetsHttp } from './datasets-http.service.js';
import { DatasetsController } from './datasets.controller.js';
import { DatasetsRepository } from './datasets.repository.js';
import { DatasetsService } from './datasets.service.js';
import { ExclusiveWork } from './exclusive-work.js';
import { ImportRuns } from './import-runs.js';
import { ImportSlots } from './import-slots.js';
import { ImportsRepository } from './imports.repository.js';

@Module({
  imports: [DatabaseModule.forFeature([DATASET_TABLE, ASSET_TABLE, CHUNK_TABLE, IMPORT_TABLE])],
  controllers: [DatasetsController],
  providers: [
    DatasetsRepository,
    ChunksRepository,
    ImportsRepository,
    DatasetContent,
    DatasetCleaner,
    DatasetRecovery,
    ExclusiveWork,
    ImportSlots,
    DatasetsService,
    ImportRuns,
    DatasetImportService,
    DatasetAppendService,
    DatasetsHttp,
  ],
  exports: [DatasetsService],
})
export class DatasetsModule {}
