import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/index.js';
import { DatabaseModule } from '../database/index.js';
import { DatasetsModule } from '../datasets/index.js';
import { EventsModule } from '../events/index.js';
import { RegistryModule } from '../registry/index.js';
import { AliasFollower } from './alias-follower.js';
import { MlflowController } from './dialects/mlflow.controller.js';
import { MlflowService } from './dialects/mlflow.service.js';
import { ModelSignatures } from './dialects/model-signatures.js';
import { OipController } from './dialects/oip.controller.js';
import { OipService } from './dialects/oip.service.js';
import { RowTimes } from './dialects/row-times.js';
import { SageMakerController } from './dialects/sagemaker.controller.js';
import { SageMakerService } from './dialects/sagemaker.service.js';
import { ENDPOINT_TABLE } from './endpoint.entity.js';
import { DeploymentPlan } from './deployment-plan.js';
import { EndpointRetirement } from './endpoint-retirement.js';
import { EndpointUse } from './endpoint-use.js';
import { EndpointRepository } from './endpoint.repository.js';
import { EndpointsController } from './endpoints.controller.js';
import { EndpointsService } from './endpoints.service.js';
import { ForecastAdmission } from './forecast-admission.js';
import { ForecastsService } from './forecasts.service.js';
import { InvocationsService } from './invocations.service.js';
import { ModelCache } from './model-cache.js';
import { PREDICTION_TABLE } from './prediction.entity.js';
import { PredictionWriter } from './prediction-writer.js';
import { PredictionHistory } from './prediction-history.js';
import { PredictionRepository } from './prediction.repository.js';
import { QuickForecasts } from './quick-forecasts.js';
import { ShadowForecasts } from './shadow-forecasts.js';
import { RANDOM_SOURCE } from './variant-choice.js';

@Module({
  imports: [
    DatabaseModule.forFeature([ENDPOINT_TABLE, PREDICTION_TABLE]),
    ArtifactsModule,
    DatasetsModule,
    EventsModule,
    RegistryModule,
  ],
  controllers: [EndpointsController, SageMakerController, OipController, MlflowController],
  providers: [
    { provide: RANDOM_SOURCE, useValue: () => Math.random() },
    EndpointRepository,
    PredictionRepository,
    PredictionWriter,
    ModelCache,
    DeploymentPlan,
    EndpointUse,
    EndpointRetirement,
    EndpointsService,
    AliasFollower,
    ShadowForecasts,
    ForecastAdmission,
    ForecastsService,
    InvocationsService,
    MlflowService,
    ModelSignatures,
    OipService,
    RowTimes,
    SageMakerService,
    PredictionHistory,
    QuickForecasts,
  ],
  exports: [EndpointsService, EndpointRetirement, PredictionHistory, QuickForecasts],
})
export class InferenceModule {}
