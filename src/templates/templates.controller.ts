import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentActor, PageQuery, formatETag, type Actor } from '../common/http/index.js';
import { TemplateParametersDto } from './dto/parameters/template-parameters.dto.js';
import { CloneTemplateDto, DiffQuery, TemplateDraftDto, TemplateVersionPath } from './dto/template-request.dto.js';
import {
  TemplateDiffDto,
  TemplatePageDto,
  TemplateVersionDto,
  TemplateVersionPageDto,
} from './dto/template-response.dto.js';
import { presentList, presentVersion, presentVersionPage } from './present-template.js';
import type { TemplateDraft, TemplateVersion } from './template.js';
import { TemplatesService } from './templates.service.js';

const IfMatch = () =>
  ApiHeader({ name: 'If-Match', required: false, description: 'ETag of the version that the change starts from' });

@ApiTags('templates')
@ApiExtraModels(TemplateParametersDto)
@Controller('templates')
export class TemplatesController {
  constructor(private readonly templates: TemplatesService) {}

  @Post()
  @ApiOperation({ summary: 'Save a template' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'A repeated request creates nothing new' })
  async create(
    @Body() body: TemplateDraftDto,
    @CurrentActor() actor: Actor,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TemplateVersionDto> {
    return answer(response, await this.templates.create(toDraft(body), actor.name, key));
  }

  @Get()
  @ApiOperation({ summary: 'List templates, the newest first' })
  async list(@Query() page: PageQuery): Promise<TemplatePageDto> {
    return presentList(await this.templates.list(page));
  }

  @Get(':templateId')
  @ApiOperation({ summary: 'Read the newest version' })
  async get(
    @Param('templateId') templateId: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TemplateVersionDto> {
    return answer(response, await this.templates.getVersion(templateId, null));
  }

  @Put(':templateId')
  @IfMatch()
  @ApiOperation({ summary: 'Save a new version; content that is equal to the newest makes none' })
  async update(
    @Param('templateId') templateId: string,
    @Body() body: TemplateDraftDto,
    @CurrentActor() actor: Actor,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TemplateVersionDto> {
    return answer(response, await this.templates.update(templateId, toDraft(body), actor.name, ifMatch));
  }

  @Get(':templateId/versions')
  @ApiOperation({ summary: 'List versions, the newest first' })
  async listVersions(
    @Param('templateId') templateId: string,
    @Query() page: PageQuery,
  ): Promise<TemplateVersionPageDto> {
    return presentVersionPage(await this.templates.listVersions(templateId, page));
  }

  @Get(':templateId/versions/:version')
  @ApiOperation({ summary: 'Read one version' })
  async getVersion(@Param() { templateId, version }: TemplateVersionPath): Promise<TemplateVersionDto> {
    return presentVersion(await this.templates.getVersion(templateId, version));
  }

  @Get(':templateId/diff')
  @ApiOperation({ summary: 'Compare two versions field by field' })
  async diff(@Param('templateId') templateId: string, @Query() { from, to }: DiffQuery): Promise<TemplateDiffDto> {
    return { templateId, from, to, differences: await this.templates.diff(templateId, from, to) };
  }

  @Post(':templateId/clone')
  @ApiOperation({ summary: 'Copy a version into a new template' })
  async clone(
    @Param('templateId') templateId: string,
    @Body() body: CloneTemplateDto,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TemplateVersionDto> {
    return answer(response, await this.templates.clone(templateId, body, actor.name));
  }

  @Delete(':templateId')
  @IfMatch()
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a template that nothing was started from, with all its versions' })
  delete(@Param('templateId') templateId: string, @Headers('if-match') ifMatch: string | undefined): Promise<void> {
    return this.templates.delete(templateId, ifMatch);
  }
}

function answer(response: Response, version: TemplateVersion): TemplateVersionDto {
  response.setHeader('ETag', formatETag(version.version));
  return presentVersion(version);
}

function toDraft({ name, description = '', parameters }: TemplateDraftDto): TemplateDraft {
  return { name, description, parameters };
}
