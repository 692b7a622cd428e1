import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/index.js';
import { DatabaseModule } from '../database/index.js';
import { DatasetsModule } from '../datasets/index.js';
import { FeatureSetsModule } from '../feature-sets/index.js';
import { ModelFilesModule } from '../model-files/index.js';
import { TemplatesModule } from '../templates/index.js';
import { ExecutionEvents } from './execution-events.service.js';
import { ExecutionJournal } from './execution-journal.js';
import { ExecutionLedger } from './execution-ledger.js';
import { ExecutionStarts } from './execution-starts.js';
import { ExecutionSignals } from './execution-signals.js';
import { EXECUTION_TABLE, IDEMPOTENCY_TABLE } from './execution.entity.js';
import { ExecutionRepository } from './execution.repository.js';
import { ExecutionsController } from './executions.controller.js';
import { ExecutionsHttpService } from './executions-http.service.js';
import { ExecutionsService } from './executions.service.js';
import { ExecutionsRecovery } from './executions-recovery.js';
import { FEATURE_IMPORTANCE_TABLE } from './feature-importance.entity.js';
import { FeatureImportanceRepository } from './feature-importance.repository.js';
import { StoredExecutionLedger } from './stored-execution-ledger.js';

@Module({
  imports: [
    DatabaseModule.forFeature([EXECUTION_TABLE, IDEMPOTENCY_TABLE, FEATURE_IMPORTANCE_TABLE]),
    ArtifactsModule,
    DatasetsModule,
    FeatureSetsModule,
    ModelFilesModule,
    TemplatesModule,
  ],
  controllers: [ExecutionsController],
  providers: [
    ExecutionRepository,
    FeatureImportanceRepository,
    ExecutionEvents,
    ExecutionJournal,
    ExecutionSignals,
    { provide: ExecutionLedger, useClass: StoredExecutionLedger },
    ExecutionsRecovery,
    ExecutionStarts,
    ExecutionsService,
    ExecutionsHttpService,
  ],
  exports: [ExecutionLedger, ExecutionEvents, ExecutionsService, FeatureImportanceRepository],
})
export class ExecutionsModule {}
