import { availableParallelism } from 'node:os';
import { Module } from '@nestjs/common';
import { ArtifactStore, ArtifactsModule } from '../artifacts/index.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { DatasetsModule, DatasetsService } from '../datasets/index.js';
import {
  ExecutionEvents,
  ExecutionLedger,
  ExecutionsModule,
  FeatureImportanceRepository,
} from '../executions/index.js';
import { FeatureBlockStore, FeatureSetsModule, FeatureSetsService } from '../feature-sets/index.js';
import { ModelFilesModule } from '../model-files/index.js';
import { RegistryModule, RegistryService } from '../registry/index.js';
import { Ensembles } from './ensembles.js';
import { ImportedFiles } from './imported-files.js';
import { OriginReaders } from './origin-readers.js';
import { ProcessingPool } from './processing-pool.js';
import { recordedEpochs } from './recorded-epochs.js';
import { TrainedOrigins } from './trained-origins.js';
import { WarmStarts } from './warm-starts.js';
import { TrainingHost } from './training-host.js';
import { RUN_ROOMS, TrainingOrchestrator, type OrchestratorRooms } from './training-orchestrator.js';

@Module({
  imports: [ArtifactsModule, DatasetsModule, FeatureSetsModule, ModelFilesModule, ExecutionsModule, RegistryModule],
  providers: [
    {
      provide: RUN_ROOMS,
      inject: [
        CONFIG,
        CLOCK,
        ExecutionLedger,
        ExecutionEvents,
        FeatureImportanceRepository,
        ArtifactStore,
        DatasetsService,
        RegistryService,
        FeatureSetsService,
        FeatureBlockStore,
      ],
      useFactory: (
        { training, limits }: TrainyardConfig,
        clock: Clock,
        ledger: ExecutionLedger,
        events: ExecutionEvents,
        importances: FeatureImportanceRepository,
        artifacts: ArtifactStore,
        datasets: DatasetsService,
        registrar: RegistryService,
        sets: FeatureSetsService,
        blocks: FeatureBlockStore,
      ): OrchestratorRooms => ({
        ...training,
        limits,
        ledger,
        importances,
        artifacts,
        datasets,
        registrar,
        featureStore: { sets, blocks },
        pool: new ProcessingPool({ size: availableParallelism() }),
        host: new TrainingHost(),
        epochsOf: (executionId) => recordedEpochs(events.after(executionId, 0)),
        now: () => clock.now(),
      }),
    },
    TrainingOrchestrator,
    TrainedOrigins,
    WarmStarts,
    Ensembles,
    ImportedFiles,
    OriginReaders,
  ],
})
export class TrainingModule {}
