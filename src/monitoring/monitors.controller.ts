import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentActor, PageQuery, Problem, type Actor } from '../common/http/index.js';
import { MonitorAnswer, MonitorRunAnswer, MonitorRunPage, presentMonitor } from './dto/monitor.dto.js';
import { PutMonitor, settingsOf } from './dto/put-monitor.dto.js';
import { MonitorsService } from './monitors.service.js';

@ApiTags('monitoring')
@Controller('endpoints/:name/monitor')
export class MonitorsController {
  constructor(private readonly monitors: MonitorsService) {}

  /** Watches an endpoint for drift from now on, or with other settings; what is left out has its default. */
  @Put()
  @ApiOkResponse({ type: MonitorAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND' })
  async put(@Param('name') name: string, @Body() request: PutMonitor, @CurrentActor() actor: Actor) {
    return presentMonitor(await this.monitors.put(name, settingsOf(request), actor));
  }

  /** Its monitor: settings, and whether inputs or error have drifted. */
  @Get()
  @ApiOkResponse({ type: MonitorAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND, MONITOR_NOT_FOUND' })
  async get(@Param('name') name: string) {
    return presentMonitor(await this.monitors.get(name));
  }

  /** Ends the watch; its results stay. */
  @Delete()
  @HttpCode(204)
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND, MONITOR_NOT_FOUND' })
  delete(@Param('name') name: string) {
    return this.monitors.delete(name);
  }

  /** Looks now, and tells what it tells on schedule. */
  @Post('run')
  @HttpCode(200)
  @ApiOkResponse({ type: MonitorRunAnswer })
  @ApiNotFoundResponse({ type: Problem, description: 'ENDPOINT_NOT_FOUND, MONITOR_NOT_FOUND' })
  @ApiConflictResponse({ type: Problem, description: 'MONITOR_RUNNING' })
  run(@Param('name') name: string, @CurrentActor() actor: Actor) {
    return this.monitors.run(name, actor);
  }

  /** What its runs found, newest first. */
  @Get('results')
  @ApiOkResponse({ type: MonitorRunPage })
  results(@Param('name') name: string, @Query() page: PageQuery) {
    return this.monitors.results(name, page);
  }
}
