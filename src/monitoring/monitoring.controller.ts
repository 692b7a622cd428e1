import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiTags, ApiUnprocessableEntityResponse } from '@nestjs/swagger';
import { CurrentActor, Problem, type Actor } from '../common/http/index.js';
import { ActualsService } from './actuals.service.js';
import { ActualPage, ActualsQuery, PostActuals, StoredActuals } from './dto/actuals.dto.js';
import { EndpointMetricsAnswer, MetricsQuery } from './dto/live-metrics.dto.js';
import { LiveMetricsService } from './live-metrics.service.js';

@ApiTags('monitoring')
@Controller('endpoints/:name')
export class MonitoringController {
  constructor(
    private readonly actuals: ActualsService,
    private readonly liveMetrics: LiveMetricsService,
  ) {}

  /** Tells what came, whether it was forecast before or will be after. Rows of the model's dataset need not be told. */
  @Post('actuals')
  @HttpCode(200)
  @ApiOkResponse({ type: StoredActuals })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND' })
  @ApiUnprocessableEntityResponse({ type: Problem, description: 'ACTUALS_INVALID' })
  postActuals(@Param('name') name: string, @Body() posted: PostActuals, @CurrentActor() actor: Actor) {
    return this.actuals.post(name, posted, actor);
  }

  /** What came for one asset, oldest first, with where it is from. */
  @Get('actuals')
  @ApiOkResponse({ type: ActualPage })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND' })
  listActuals(@Param('name') name: string, @Query() query: ActualsQuery) {
    return this.actuals.list(name, query);
  }

  /** What its forecasts were worth, as far as the values have come. */
  @Get('metrics')
  @ApiOkResponse({ type: EndpointMetricsAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND' })
  @ApiUnprocessableEntityResponse({ type: Problem, description: 'RANGE_INVERTED, LIMIT_EXCEEDED' })
  metrics(@Param('name') name: string, @Query() { by, ...period }: MetricsQuery) {
    return this.liveMetrics.metrics(name, { ...period, by: by ?? 'day' });
  }
}
