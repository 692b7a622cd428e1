import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Put, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentActor, PageQuery, Problem, RequiresRole, type Actor } from '../common/http/index.js';
import { DecideApproval } from './dto/decide-approval.dto.js';
import { ModelAnswer, ModelPage, ModelVersionAnswer, ModelVersionPage } from './dto/model-answers.dto.js';
import { RegistryService } from './registry.service.js';

@ApiTags('models')
@ApiNotFoundResponse({ type: Problem, description: 'MODEL_NOT_FOUND' })
@Controller('models')
export class ModelsController {
  constructor(private readonly registry: RegistryService) {}

  /** Models, newest first. */
  @Get()
  @ApiOkResponse({ type: ModelPage })
  list(@Query() page: PageQuery) {
    return this.registry.listModels(page);
  }

  /** One model. */
  @Get(':name')
  @ApiOkResponse({ type: ModelAnswer })
  get(@Param('name') name: string) {
    return this.registry.getModel(name);
  }

  /** Its versions, newest first. */
  @Get(':name/versions')
  @ApiOkResponse({ type: ModelVersionPage })
  versions(@Param('name') name: string, @Query() page: PageQuery) {
    return this.registry.listVersions(name, page);
  }

  /** One version with its lineage. */
  @Get(':name/versions/:version')
  @ApiOkResponse({ type: ModelVersionAnswer })
  version(@Param('name') name: string, @Param('version', ParseIntPipe) version: number) {
    return this.registry.getVersion(name, version);
  }

  /** Decides about a version; each decision is kept. */
  @Put(':name/versions/:version/approval')
  @RequiresRole('approver')
  @ApiOkResponse({ type: ModelVersionAnswer })
  decide(
    @Param('name') name: string,
    @Param('version', ParseIntPipe) version: number,
    @Body() { status, reason }: DecideApproval,
    @CurrentActor() actor: Actor,
  ) {
    return this.registry.decide(name, version, status, reason ?? null, actor);
  }

  /** Deletes a version that no endpoint serves. */
  @Delete(':name/versions/:version')
  @HttpCode(204)
  delete(@Param('name') name: string, @Param('version', ParseIntPipe) version: number) {
    return this.registry.deleteVersion(name, version);
  }
}
