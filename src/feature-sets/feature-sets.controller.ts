import { Controller, Get, Param, Query, type StreamableFile } from '@nestjs/common';
import { ApiConflictResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ApiTableDownload, ExportQuery, PageQuery, Problem, formOf, sendTable } from '../common/http/index.js';
import {
  FeatureSetDto,
  FeatureSetPageDto,
  FeatureSetUsagePageDto,
  ListFeatureSetsQuery,
} from './dto/feature-set.dto.js';
import { presentFeatureSet, presentPage } from './dto/present.js';
import { FeatureSetExport } from './feature-set-export.service.js';
import { FeatureSetsService } from './feature-sets.service.js';

@ApiTags('feature sets')
@Controller('feature-sets')
export class FeatureSetsController {
  constructor(
    private readonly featureSets: FeatureSetsService,
    private readonly exports: FeatureSetExport,
  ) {}

  /** Feature sets, newest first. */
  @Get()
  @ApiOkResponse({ type: FeatureSetPageDto })
  async list(@Query() { datasetId, ...page }: ListFeatureSetsQuery): Promise<FeatureSetPageDto> {
    return presentPage(await this.featureSets.list(datasetId, page));
  }

  /** One feature set: its columns with statistics, and executions that used it. */
  @Get(':hash')
  @ApiOkResponse({ type: FeatureSetDto })
  @ApiNotFoundResponse({ type: Problem, description: 'FEATURE_SET_NOT_FOUND' })
  async get(@Param('hash') hash: string): Promise<FeatureSetDto> {
    return presentFeatureSet(await this.featureSets.get(hash));
  }

  /** All columns as CSV, JSON or Parquet, behind the times of their rows; what the store does not keep is computed again. */
  @Get(':hash/export')
  @ApiTableDownload()
  @ApiNotFoundResponse({ type: Problem, description: 'FEATURE_SET_NOT_FOUND' })
  @ApiConflictResponse({ type: Problem, description: 'FEATURE_SET_OUTDATED' })
  async exportSet(@Param('hash') hash: string, @Query() query: ExportQuery): Promise<StreamableFile> {
    const { blocks, name } = await this.exports.exportTable(hash);
    return sendTable(blocks, formOf(query), name);
  }

  /** All executions that used it. */
  @Get(':hash/executions')
  @ApiOkResponse({ type: FeatureSetUsagePageDto })
  @ApiNotFoundResponse({ type: Problem, description: 'FEATURE_SET_NOT_FOUND' })
  async executions(@Param('hash') hash: string, @Query() page: PageQuery): Promise<FeatureSetUsagePageDto> {
    return (await this.featureSets.listUsages(hash, page)) as FeatureSetUsagePageDto;
  }
}
