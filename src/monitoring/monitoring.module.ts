import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/index.js';
import { DatabaseModule } from '../database/index.js';
import { DatasetsModule } from '../datasets/index.js';
import { InferenceModule } from '../inference/index.js';
import { RegistryModule } from '../registry/index.js';
import { ACTUAL_TABLE } from './actual.entity.js';
import { ActualRepository } from './actual.repository.js';
import { ActualsJoiner } from './actuals-joiner.js';
import { ActualsService } from './actuals.service.js';
import { JOINED_ROWS_TABLE } from './joined-rows.entity.js';
import { LiveMetricsService } from './live-metrics.service.js';
import { ModelFacts } from './model-facts.js';
import { MonitoringController } from './monitoring.controller.js';

/** What became of forecasts: actuals, live metrics, drift, and what follows from it. */
@Module({
  imports: [
    DatabaseModule.forFeature([ACTUAL_TABLE, JOINED_ROWS_TABLE]),
    ArtifactsModule,
    DatasetsModule,
    RegistryModule,
    InferenceModule,
  ],
  controllers: [MonitoringController],
  providers: [ActualRepository, ModelFacts, ActualsJoiner, ActualsService, LiveMetricsService],
})
export class MonitoringModule {}
