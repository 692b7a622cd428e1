import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Patch, Put, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { CurrentActor, PageQuery, Problem, RequiresRole, type Actor } from '../common/http/index.js';
import { EventPage } from '../events/index.js';
import { ChangeDescription, ChangeModel, CompareQuery, ProductionQuery, SetAlias } from './dto/change-model.dto.js';
import { DecideApproval } from './dto/decide-approval.dto.js';
import {
  ModelAliasAnswer,
  ModelAnswer,
  ModelComparisonAnswer,
  ModelPage,
  ModelVersionAnswer,
  ModelVersionPage,
  ProductionPeriodAnswer,
} from './dto/model-answers.dto.js';
import { ModelAliases } from './model-aliases.js';
import { policyOf } from './policy-of.js';
import { RegistryService } from './registry.service.js';

@ApiTags('models')
@ApiNotFoundResponse({ type: Problem, description: 'MODEL_NOT_FOUND' })
@Controller('models')
export class ModelsController {
  constructor(
    private readonly registry: RegistryService,
    private readonly aliases: ModelAliases,
  ) {}

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

  /** Describes and tags a model, and says when its versions are approved. */
  @Patch(':name')
  @RequiresRole('approver')
  @ApiOkResponse({ type: ModelAnswer })
  change(@Param('name') name: string, @Body() { policy, ...change }: ChangeModel, @CurrentActor() actor: Actor) {
    return this.registry.changeModel(name, { ...change, ...(policy && { policy: policyOf(policy) }) }, actor);
  }

  /** Everything that happened to it, its versions, aliases and endpoints, newest first. */
  @Get(':name/history')
  @ApiOkResponse({ type: EventPage })
  history(@Param('name') name: string, @Query() page: PageQuery) {
    return this.registry.history(name, page);
  }

  /** What was in production at a time, since when, and who had approved it. */
  @Get(':name/production')
  @ApiOkResponse({ type: ProductionPeriodAnswer, isArray: true })
  production(@Param('name') name: string, @Query() { at }: ProductionQuery) {
    return this.registry.productionAt(name, at ?? null);
  }

  /** Versions side by side: scores, and the parameters and data in which they differ. */
  @Get(':name/compare')
  @ApiOkResponse({ type: ModelComparisonAnswer })
  compare(@Param('name') name: string, @Query() { versions }: CompareQuery) {
    return this.registry.compare(name, versions);
  }

  /** Its aliases. */
  @Get(':name/aliases')
  @ApiOkResponse({ type: ModelAliasAnswer, isArray: true })
  async listAliases(@Param('name') name: string) {
    await this.registry.getModel(name);
    return this.aliases.list(name);
  }

  /** Points an alias to a version; endpoints that follow it are updated. */
  @Put(':name/aliases/:alias')
  @RequiresRole('approver')
  @ApiOkResponse({ type: ModelAliasAnswer })
  @ApiConflictResponse({ type: Problem, description: 'MODEL_NOT_APPROVED' })
  @ApiUnprocessableEntityResponse({ type: Problem, description: 'ALIAS_INVALID' })
  async setAlias(
    @Param('name') name: string,
    @Param('alias') alias: string,
    @Body() { version, reason }: SetAlias,
    @CurrentActor() actor: Actor,
  ) {
    return this.aliases.set(alias, await this.registry.getVersion(name, version), reason ?? null, actor.name);
  }

  /** Removes an alias. */
  @Delete(':name/aliases/:alias')
  @RequiresRole('approver')
  @HttpCode(204)
  removeAlias(@Param('name') name: string, @Param('alias') alias: string, @CurrentActor() actor: Actor) {
    return this.aliases.remove(name, alias, actor.name);
  }

  /** Its versions, newest first. */
  @Get(':name/versions')
  @ApiOkResponse({ type: ModelVersionPage })
  versions(@Param('name') name: string, @Query() page: PageQuery) {
    return this.registry.listVersions(name, page);
  }

  /** One version with its lineage, by number, alias, or `latest`. */
  @Get(':name/versions/:version')
  @ApiOkResponse({ type: ModelVersionAnswer })
  version(@Param('name') name: string, @Param('version') version: string) {
    return this.registry.getVersion(name, version);
  }

  /** Describes and tags a version. */
  @Patch(':name/versions/:version')
  @ApiOkResponse({ type: ModelVersionAnswer })
  describeVersion(
    @Param('name') name: string,
    @Param('version', ParseIntPipe) version: number,
    @Body() change: ChangeDescription,
    @CurrentActor() actor: Actor,
  ) {
    return this.registry.describeVersion(name, version, change, actor);
  }

  /** Decides about a version; each decision is kept. */
  @Put(':name/versions/:version/approval')
  @RequiresRole('approver')
  @ApiOkResponse({ type: ModelVersionAnswer })
  @ApiUnprocessableEntityResponse({ type: Problem, description: 'APPROVAL_REASON_MISSING' })
  decide(
    @Param('name') name: string,
    @Param('version', ParseIntPipe) version: number,
    @Body() { status, reason }: DecideApproval,
    @CurrentActor() actor: Actor,
  ) {
    return this.registry.decide(name, version, status, reason ?? null, actor);
  }

  /** Deletes a version that no endpoint serves and no alias points to. */
  @Delete(':name/versions/:version')
  @HttpCode(204)
  @ApiConflictResponse({ type: Problem, description: 'MODEL_IN_USE' })
  delete(@Param('name') name: string, @Param('version', ParseIntPipe) version: number, @CurrentActor() actor: Actor) {
    return this.registry.deleteVersion(name, version, actor);
  }
}
