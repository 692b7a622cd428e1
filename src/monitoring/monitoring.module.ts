import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/index.js';
import { DatabaseModule } from '../database/index.js';
import { DatasetsModule } from '../datasets/index.js';
import { EventsModule } from '../events/index.js';
import { ExecutionsModule } from '../executions/index.js';
import { InferenceModule } from '../inference/index.js';
import { RegistryModule } from '../registry/index.js';
import { ACTUAL_TABLE } from './actual.entity.js';
import { ActualRepository } from './actual.repository.js';
import { ActualsJoiner } from './actuals-joiner.js';
import { ActualsService } from './actuals.service.js';
import { BATCH_TABLE } from './batch-forecast.entity.js';
import { BatchForecastRepository } from './batch-forecast.repository.js';
import { BatchForecastsController } from './batch-forecasts.controller.js';
import { BatchForecastsService } from './batch-forecasts.service.js';
import { BatchRunner } from './batch-runner.js';
import { DriftDetection } from './drift-detection.js';
import { DriftReferences } from './drift-references.js';
import { JOINED_ROWS_TABLE } from './joined-rows.entity.js';
import { LiveMetricsService } from './live-metrics.service.js';
import { ModelFacts } from './model-facts.js';
import { MONITOR_TABLE } from './monitor.entity.js';
import { MonitorRepository } from './monitor.repository.js';
import { MonitoringController } from './monitoring.controller.js';
import { MonitorsController } from './monitors.controller.js';
import { MonitorsService } from './monitors.service.js';
import { RetrainingService } from './retraining.service.js';

/** What became of forecasts: actuals, live metrics, drift, and what follows from it. */
@Module({
  imports: [
    DatabaseModule.forFeature([ACTUAL_TABLE, JOINED_ROWS_TABLE, MONITOR_TABLE, BATCH_TABLE]),
    ArtifactsModule,
    DatasetsModule,
    EventsModule,
    ExecutionsModule,
    RegistryModule,
    InferenceModule,
  ],
  controllers: [MonitoringController, MonitorsController, BatchForecastsController],
  providers: [
    ActualRepository,
    ModelFacts,
    ActualsJoiner,
    ActualsService,
    LiveMetricsService,
    DriftReferences,
    DriftDetection,
    MonitorRepository,
    RetrainingService,
    MonitorsService,
    BatchForecastRepository,
    BatchRunner,
    BatchForecastsService,
  ],
})
export class MonitoringModule {}
