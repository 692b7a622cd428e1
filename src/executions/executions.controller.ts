import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentActor, type Actor } from '../common/http/index.js';
import type { ModelReport } from '../ml/evaluation/direction-report.js';
import { ExecutionsHttpService, type ArtifactJson } from './executions-http.service.js';
import { ListExecutionsQuery, ListLogsQuery, ReadArtifactQuery } from './dto/execution-queries.dto.js';
import {
  ActivityPageDto,
  ArtifactListDto,
  EpochPageDto,
  LogPageDto,
  StatusChangePageDto,
} from './dto/execution-records.dto.js';
import { ExecutionDto, ExecutionPageDto, ExecutionSummaryDto } from './dto/execution.dto.js';
import { FeatureImportancePageDto } from './dto/feature-importance.dto.js';
import { CloneExecutionDto, StartExecutionDto } from './dto/start-execution.dto.js';
import { PageQuery } from '../common/http/index.js';

const IDEMPOTENCY = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description: 'The same key with the same request gives the same execution, however often it is sent.',
});

@ApiTags('executions')
@Controller('executions')
export class ExecutionsController {
  constructor(private readonly executions: ExecutionsHttpService) {}

  /** Starts an execution: everything is checked and frozen now, the training waits for its turn. */
  @Post()
  @HttpCode(202)
  @IDEMPOTENCY
  @ApiAcceptedResponse({
    type: ExecutionDto,
    headers: { Location: { description: 'Where to watch it', schema: { type: 'string' } } },
  })
  async start(
    @Body() body: StartExecutionDto,
    @CurrentActor() actor: Actor,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExecutionDto> {
    return this.executions.start(body, { actor, key }, response);
  }

  /** Newest first. */
  @Get()
  async list(@Query() query: ListExecutionsQuery): Promise<ExecutionPageDto> {
    return this.executions.list(query);
  }

  @Get(':executionId')
  async get(@Param('executionId') executionId: string): Promise<ExecutionDto> {
    return this.executions.get(executionId);
  }

  /** Oldest first. */
  @Get(':executionId/logs')
  async logs(@Param('executionId') executionId: string, @Query() query: ListLogsQuery): Promise<LogPageDto> {
    return this.executions.listLogs(executionId, query);
  }

  @Get(':executionId/epochs')
  async epochs(@Param('executionId') executionId: string, @Query() query: PageQuery): Promise<EpochPageDto> {
    return this.executions.listEpochs(executionId, query);
  }

  @Get(':executionId/status-changes')
  async statusChanges(
    @Param('executionId') executionId: string,
    @Query() query: PageQuery,
  ): Promise<StatusChangePageDto> {
    return this.executions.listStatusChanges(executionId, query);
  }

  /** What people did with it: who, what, when. */
  @Get(':executionId/activity')
  async activity(@Param('executionId') executionId: string, @Query() query: PageQuery): Promise<ActivityPageDto> {
    return this.executions.listActivity(executionId, query);
  }

  /** What each input column is worth to the trained model, the most important first. */
  @Get(':executionId/feature-importance')
  async featureImportance(
    @Param('executionId') executionId: string,
    @Query() query: PageQuery,
  ): Promise<FeatureImportancePageDto> {
    return this.executions.listFeatureImportance(executionId, query);
  }

  /** Metrics of every part, asset and horizon step beside both baselines. */
  @Get(':executionId/report')
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  async report(@Param('executionId') executionId: string): Promise<ModelReport> {
    return this.executions.getReport(executionId);
  }

  @Get(':executionId/artifacts')
  async artifacts(@Param('executionId') executionId: string): Promise<ArtifactListDto> {
    return this.executions.listArtifacts(executionId);
  }

  /** The bytes; with `encoding=base64`, JSON with the content as text. */
  @Get(':executionId/artifacts/:name')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async artifact(
    @Param('executionId') executionId: string,
    @Param('name') name: string,
    @Query() query: ReadArtifactQuery,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile | ArtifactJson | undefined> {
    return this.executions.readArtifact(executionId, name, { ...query, ifNoneMatch }, response);
  }

  /** Ends a waiting execution at once and asks a running one to end. */
  @Post(':executionId/cancel')
  @HttpCode(202)
  async cancel(@Param('executionId') executionId: string, @CurrentActor() actor: Actor): Promise<ExecutionSummaryDto> {
    return this.executions.cancel(executionId, actor);
  }

  /** Starts another execution of the same template version, with the same overrides and those of the body over them. */
  @Post(':executionId/clone')
  @HttpCode(202)
  @IDEMPOTENCY
  @ApiAcceptedResponse({ type: ExecutionDto })
  async clone(
    @Param('executionId') executionId: string,
    @Body() body: CloneExecutionDto,
    @CurrentActor() actor: Actor,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExecutionDto> {
    return this.executions.clone(executionId, body, { actor, key }, response);
  }

  /** With its logs and artifacts. Only one that has ended and that no registered model comes from. */
  @Delete(':executionId')
  @HttpCode(204)
  async delete(@Param('executionId') executionId: string): Promise<void> {
    await this.executions.delete(executionId);
  }
}
