import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { PageQuery, Problem } from '../common/http/index.js';
import {
  FeatureSetDto,
  FeatureSetPageDto,
  FeatureSetUsagePageDto,
  ListFeatureSetsQuery,
} from './dto/feature-set.dto.js';
import { presentFeatureSet, presentPage } from './dto/present.js';
import { FeatureSetsService } from './feature-sets.service.js';

@ApiTags('feature sets')
@Controller('feature-sets')
export class FeatureSetsController {
  constructor(private readonly featureSets: FeatureSetsService) {}

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

  /** All executions that used it. */
  @Get(':hash/executions')
  @ApiOkResponse({ type: FeatureSetUsagePageDto })
  @ApiNotFoundResponse({ type: Problem, description: 'FEATURE_SET_NOT_FOUND' })
  async executions(@Param('hash') hash: string, @Query() page: PageQuery): Promise<FeatureSetUsagePageDto> {
    return (await this.featureSets.listUsages(hash, page)) as FeatureSetUsagePageDto;
  }
}
