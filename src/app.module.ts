import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { ArtifactsModule } from './artifacts/index.js';
import { CatalogueModule } from './catalogue/index.js';
import { ConfigModule } from './common/config/index.js';
import { HttpModule } from './common/http/index.js';
import { LoggingModule } from './common/logging/index.js';
import { DatabaseModule } from './database/index.js';
import { DatasetsModule } from './datasets/index.js';
import { EndpointReaperModule } from './endpoint-reaper/index.js';
import { EventsModule } from './events/index.js';
import { ExecutionsModule } from './executions/index.js';
import { FeatureSetsModule } from './feature-sets/index.js';
import { InferenceModule } from './inference/index.js';
import { ModelFilesModule } from './model-files/index.js';
import { MonitoringModule } from './monitoring/index.js';
import { OperationsModule } from './operations/index.js';
import { ProgressModule } from './progress/index.js';
import { RegistryModule } from './registry/index.js';
import { TemplatesModule } from './templates/index.js';
import { TrainingModule } from './training/index.js';

/** The product, in the order of its flow: each module may import only what stands above it. */
@Module({
  imports: [
    ConfigModule,
    LoggingModule,
    HttpModule,
    ScheduleModule.forRoot(),
    DatabaseModule,
    ArtifactsModule,
    DatasetsModule,
    FeatureSetsModule,
    ModelFilesModule,
    CatalogueModule,
    TemplatesModule,
    ExecutionsModule,
    EventsModule,
    RegistryModule,
    TrainingModule,
    InferenceModule,
    MonitoringModule,
    EndpointReaperModule,
    ProgressModule,
    OperationsModule,
  ],
})
export class AppModule {}
