import {
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import {
  ApiProblems,
  ApiTableDownload,
  CurrentActor,
  PageQuery,
  type Actor,
  type TrainyardRequest,
} from '../common/http/index.js';
import { DatasetsHttp } from './datasets-http.service.js';
import { DatasetsService } from './datasets.service.js';
import { ApiFileUpload, ApiIfMatch, ETAG_HEADER, IMPORT_HEADERS } from './dto/api-documentation.js';
import { DatasetDto, DatasetPageDto, DatasetVersionDto, ImportResultDto, PreviewDto } from './dto/dataset.dto.js';
import { AppendOptionsDto, ImportOptionsDto } from './dto/import-options.dto.js';
import { DatasetExportQuery } from './dto/export-query.dto.js';
import { GapsDto, GapsQuery } from './dto/gaps.dto.js';
import { PreviewQuery } from './dto/preview-query.dto.js';
import { VersionNumberPipe } from './dto/version-number.pipe.js';
import { presentPage, presentVersion } from './dto/present.js';

const FILE_PROBLEMS = [
  'VALIDATION_FAILED',
  'MALFORMED_BODY',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'LIMIT_EXCEEDED',
  'DATASET_EMPTY',
  'DATASET_FORMAT_INVALID',
  'COLUMN_UNKNOWN',
  'ASSET_UNKNOWN',
  'ASSET_DUPLICATE',
  'ROWS_REJECTED',
  'TIMESTAMP_INVALID',
  'TIMESTAMP_DUPLICATE',
  'TIMESTAMP_UNSORTED',
  'TIME_ZONES_MIXED',
  'VALUE_NOT_FINITE',
] as const;

@ApiTags('datasets')
@Controller('datasets')
export class DatasetsController {
  constructor(
    private readonly http: DatasetsHttp,
    private readonly datasets: DatasetsService,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Import a dataset',
    description:
      'CSV, JSON, JSON Lines, Parquet, or a zip of such files: as the body (options in the query), or as files of a form ' +
      '(options in its fields, before the files). Of several files each is an asset, named after its file. Nothing is ' +
      'stored unless every row can be: rejected rows are listed with line or record, column and reason.',
  })
  @ApiFileUpload(ImportOptionsDto)
  @ApiCreatedResponse({ type: ImportResultDto, headers: IMPORT_HEADERS })
  @ApiOkResponse({ type: ImportResultDto, description: 'Answer to a dry run' })
  @ApiProblems(...FILE_PROBLEMS, 'IDEMPOTENCY_KEY_REUSED', 'CONFLICT')
  create(
    @Req() request: TrainyardRequest,
    @Res({ passthrough: true }) response: Response,
    @Query() options: Record<string, string>,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @CurrentActor() actor: Actor,
  ): Promise<ImportResultDto> {
    return this.http.create(request, response, options, idempotencyKey, actor);
  }

  @Get()
  @ApiOperation({ summary: 'List datasets, newest first' })
  @ApiOkResponse({ type: DatasetPageDto })
  @ApiProblems('VALIDATION_FAILED', 'CURSOR_INVALID')
  async list(@Query() page: PageQuery): Promise<DatasetPageDto> {
    return presentPage(await this.datasets.list(page));
  }

  @Get(':datasetId')
  @ApiOperation({ summary: 'One dataset and its newest version' })
  @ApiOkResponse({ type: DatasetDto, headers: ETAG_HEADER })
  @ApiProblems('DATASET_NOT_FOUND')
  get(@Param('datasetId') datasetId: string, @Res({ passthrough: true }) response: Response): Promise<DatasetDto> {
    return this.http.get(datasetId, response);
  }

  @Get(':datasetId/versions/:version')
  @ApiOperation({ summary: 'One version: assets, columns, range, inferred step, missing rows and values, statistics' })
  @ApiOkResponse({ type: DatasetVersionDto })
  @ApiProblems('DATASET_NOT_FOUND')
  async getVersion(
    @Param('datasetId') datasetId: string,
    @Param('version', VersionNumberPipe) version: number,
  ): Promise<DatasetVersionDto> {
    return presentVersion(await this.datasets.describeVersion(datasetId, version));
  }

  @Get(':datasetId/versions/:version/preview')
  @ApiOperation({ summary: 'First and last rows' })
  @ApiOkResponse({ type: PreviewDto })
  @ApiProblems('VALIDATION_FAILED', 'DATASET_NOT_FOUND', 'ASSET_UNKNOWN')
  preview(
    @Param('datasetId') datasetId: string,
    @Param('version', VersionNumberPipe) version: number,
    @Query() query: PreviewQuery,
  ): Promise<PreviewDto> {
    return this.http.preview(datasetId, version, query);
  }

  @Get(':datasetId/versions/:version/export')
  @ApiOperation({
    summary: 'The rows as CSV, JSON or Parquet',
    description:
      'Importing the file again gives the same content hash: in layout `long`, where assets have equal columns.',
  })
  @ApiTableDownload()
  @ApiProblems('VALIDATION_FAILED', 'DATASET_NOT_FOUND', 'ASSET_UNKNOWN')
  exportVersion(
    @Param('datasetId') datasetId: string,
    @Param('version', VersionNumberPipe) version: number,
    @Query() query: DatasetExportQuery,
  ): Promise<StreamableFile> {
    return this.http.exportVersion(datasetId, version, query);
  }

  @Get(':datasetId/versions/:version/gaps')
  @ApiOperation({
    summary: 'Gap table: inferred step and missing rows of each asset',
    description: 'Two thresholds decide: which distance between rows is a gap, and which gap is large.',
  })
  @ApiOkResponse({ type: GapsDto })
  @ApiProblems('VALIDATION_FAILED', 'DATASET_NOT_FOUND', 'ASSET_UNKNOWN', 'COLUMN_UNKNOWN')
  gaps(
    @Param('datasetId') datasetId: string,
    @Param('version', VersionNumberPipe) version: number,
    @Query() query: GapsQuery,
  ): Promise<GapsDto> {
    return this.http.gaps(datasetId, version, query);
  }

  @Post(':datasetId/rows')
  @ApiOperation({
    summary: 'Append rows: makes a new version',
    description: 'The file is sent as for an import and read as the last one was, but for the options stated.',
  })
  @ApiFileUpload(AppendOptionsDto)
  @ApiIfMatch()
  @ApiCreatedResponse({ type: ImportResultDto, headers: IMPORT_HEADERS })
  @ApiOkResponse({ type: ImportResultDto, description: 'Answer to a dry run' })
  @ApiProblems(...FILE_PROBLEMS, 'DATASET_NOT_FOUND', 'APPEND_NOT_AFTER', 'PRECONDITION_FAILED', 'CONFLICT')
  append(
    @Param('datasetId') datasetId: string,
    @Req() request: TrainyardRequest,
    @Res({ passthrough: true }) response: Response,
    @Query() options: Record<string, string>,
    @CurrentActor() actor: Actor,
  ): Promise<ImportResultDto> {
    return this.http.append(datasetId, request, response, options, actor);
  }

  @Delete(':datasetId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an unused dataset with all its versions' })
  @ApiIfMatch()
  @ApiNoContentResponse()
  @ApiProblems('DATASET_NOT_FOUND', 'DATASET_IN_USE', 'PRECONDITION_FAILED', 'CONFLICT')
  delete(@Param('datasetId') datasetId: string, @Headers('if-match') ifMatch: string | undefined): Promise<void> {
    return this.datasets.delete(datasetId, ifMatch);
  }
}
