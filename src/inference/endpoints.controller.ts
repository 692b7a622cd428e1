import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import {
  ApiTableDownload,
  CurrentActor,
  PageQuery,
  Problem,
  RequiresRole,
  formOf,
  sendTable,
  type Actor,
} from '../common/http/index.js';
import { EventPage } from '../events/index.js';
import { CreateEndpoint, UpdateEndpoint } from './dto/create-endpoint.dto.js';
import { PredictionExportQuery } from './dto/prediction-export-query.dto.js';
import { ForecastRequest } from './dto/forecast-request.dto.js';
import {
  EndpointAnswer,
  EndpointPage,
  PredictionAnswer,
  PredictionPage,
  ShadowCountsAnswer,
} from './dto/inference-answers.dto.js';
import { EndpointsService } from './endpoints.service.js';
import { ForecastsService } from './forecasts.service.js';
import { InvocationsService } from './invocations.service.js';
import { ShadowForecasts } from './shadow-forecasts.js';

@ApiTags('endpoints')
@Controller('endpoints')
export class EndpointsController {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly forecasts: ForecastsService,
    private readonly invocations: InvocationsService,
    private readonly shadows: ShadowForecasts,
  ) {}

  /** Deploys a model version under a name. */
  @Post()
  @ApiCreatedResponse({ type: EndpointAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'MODEL_NOT_FOUND' })
  @ApiConflictResponse({ type: Problem, description: 'ENDPOINT_EXISTS, MODEL_NOT_APPROVED' })
  @ApiUnprocessableEntityResponse({ type: Problem, description: 'VARIANTS_INVALID' })
  create(@Body() { idleSeconds, ...request }: CreateEndpoint, @CurrentActor() actor: Actor) {
    return this.endpoints.create({ ...request, idleMs: milliseconds(idleSeconds) }, actor);
  }

  /** Changes versions, weights, stage or idle time in place: requests are answered meanwhile, none fails. */
  @Patch(':name')
  @ApiOkResponse({ type: EndpointAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND, MODEL_NOT_FOUND' })
  @ApiConflictResponse({ type: Problem, description: 'MODEL_NOT_APPROVED' })
  @ApiUnprocessableEntityResponse({ type: Problem, description: 'VARIANTS_INVALID' })
  update(
    @Param('name') name: string,
    @Body() { idleSeconds, ...change }: UpdateEndpoint,
    @CurrentActor() actor: Actor,
  ) {
    return this.endpoints.update(name, { ...change, idleMs: milliseconds(idleSeconds) }, actor);
  }

  /** Endpoints, newest first. */
  @Get()
  @ApiOkResponse({ type: EndpointPage })
  list(@Query() page: PageQuery) {
    return this.endpoints.list(page);
  }

  /** One endpoint. */
  @Get(':name')
  @ApiOkResponse({ type: EndpointAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND' })
  get(@Param('name') name: string) {
    return this.endpoints.get(name);
  }

  /** Its history, newest first: deployed, woken, reaped, deleted, by whom and why. Stays when it is deleted. */
  @Get(':name/activity')
  @ApiOkResponse({ type: EventPage })
  activity(@Param('name') name: string, @Query() page: PageQuery) {
    return this.endpoints.activity(name, page);
  }

  /** Refuses new requests, answers those under way, then removes it; its predictions stay. */
  @Delete(':name')
  @HttpCode(204)
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND' })
  delete(@Param('name') name: string, @CurrentActor() actor: Actor) {
    return this.endpoints.delete(name, actor);
  }

  /** Forecasts, and stores the prediction. A reaped endpoint wakes. */
  @Post(':name/forecast')
  @HttpCode(200)
  @RequiresRole('viewer')
  @ApiOkResponse({ type: PredictionAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND, VARIANT_UNKNOWN' })
  @ApiUnprocessableEntityResponse({
    type: Problem,
    description: 'WINDOW_INVALID, FUTURE_MISSING, HORIZON_TOO_LONG, TARGET_UNKNOWN, QUANTILE_UNKNOWN',
  })
  forecast(
    @Param('name') name: string,
    @Body() { window, future, targetVariant, inferenceId, ...options }: ForecastRequest,
    @CurrentActor() actor: Actor,
  ) {
    const input = { window: window ?? null, future: future ?? null, targetVariant, inferenceId };
    return this.invocations.forecast(name, input, options, actor);
  }

  /** What became of its shadow's forecasts, in this process. */
  @Get(':name/shadow')
  @ApiOkResponse({ type: ShadowCountsAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND' })
  async shadow(@Param('name') name: string) {
    await this.endpoints.get(name);
    return this.shadows.counts(name);
  }

  /** Stored predictions, the shadow's among them, newest first. */
  @Get(':name/predictions')
  @ApiOkResponse({ type: PredictionPage })
  predictions(@Param('name') name: string, @Query() page: PageQuery) {
    return this.forecasts.list(name, page);
  }

  /** Stored predictions as CSV, JSON or Parquet: one row a forecast step, newest prediction first. */
  @Get(':name/predictions/export')
  @ApiTableDownload()
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND' })
  async exportPredictions(@Param('name') name: string, @Query() query: PredictionExportQuery) {
    return sendTable(
      await this.forecasts.exportTable(name, query.assets ?? null),
      formOf(query),
      `${name}-predictions`,
    );
  }

  /** One stored prediction. */
  @Get(':name/predictions/:predictionId')
  @ApiOkResponse({ type: PredictionAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'PREDICTION_NOT_FOUND' })
  prediction(@Param('name') name: string, @Param('predictionId') predictionId: string) {
    return this.forecasts.get(name, predictionId);
  }
}

/** Null stays null: the installation's own. */
function milliseconds<Seconds extends number | null | undefined>(seconds: Seconds): Seconds | number {
  return typeof seconds === 'number' ? seconds * 1_000 : seconds;
}
