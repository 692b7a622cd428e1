import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import {
  ApiTableDownload,
  CurrentActor,
  ExportQuery,
  PageQuery,
  Problem,
  formOf,
  sendTable,
  type Actor,
} from '../common/http/index.js';
import { BatchForecastsService } from './batch-forecasts.service.js';
import { BatchForecastAnswer, BatchForecastPage, CreateBatchForecast, presentBatch } from './dto/batch-forecast.dto.js';

@ApiTags('monitoring')
@Controller('batch-forecasts')
export class BatchForecastsController {
  constructor(private readonly batches: BatchForecastsService) {}

  /** Forecasts from every origin of a period of a dataset, each as the endpoint would have at the time. */
  @Post()
  @HttpCode(202)
  @ApiAcceptedResponse({ type: BatchForecastAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND, MODEL_NOT_FOUND, DATASET_NOT_FOUND' })
  @ApiUnprocessableEntityResponse({ type: Problem, description: 'ASSET_UNKNOWN, PARAMETER_INVALID, RANGE_INVERTED' })
  async create(@Body() request: CreateBatchForecast, @CurrentActor() actor: Actor) {
    return presentBatch(await this.batches.create(request, actor));
  }

  /** Batch forecasts, newest first. */
  @Get()
  @ApiOkResponse({ type: BatchForecastPage })
  async list(@Query() page: PageQuery) {
    const { items, cursor } = await this.batches.list(page);
    return { items: items.map(presentBatch), cursor };
  }

  /** One batch forecast: how far it is, or how it ended. */
  @Get(':batchId')
  @ApiOkResponse({ type: BatchForecastAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'BATCH_NOT_FOUND' })
  async get(@Param('batchId') batchId: string) {
    return presentBatch(await this.batches.get(batchId));
  }

  /** Ends it; nothing of it is kept. */
  @Post(':batchId/cancel')
  @HttpCode(200)
  @ApiOkResponse({ type: BatchForecastAnswer })
  @ApiConflictResponse({ type: Problem, description: 'BATCH_STATE' })
  async cancel(@Param('batchId') batchId: string) {
    return presentBatch(await this.batches.cancel(batchId));
  }

  /** Its forecasts as CSV, JSON or Parquet: one row for each origin, asset and step. */
  @Get(':batchId/result')
  @ApiTableDownload()
  @ApiNotFoundResponse({ type: Problem, description: 'BATCH_NOT_FOUND' })
  @ApiConflictResponse({ type: Problem, description: 'BATCH_STATE' })
  async result(@Param('batchId') batchId: string, @Query() query: ExportQuery) {
    return sendTable(await this.batches.result(batchId), formOf(query), `forecasts-${batchId}`);
  }

  /** Removes it and its result, once it has ended. */
  @Delete(':batchId')
  @HttpCode(204)
  @ApiConflictResponse({ type: Problem, description: 'BATCH_STATE' })
  delete(@Param('batchId') batchId: string) {
    return this.batches.delete(batchId);
  }
}
