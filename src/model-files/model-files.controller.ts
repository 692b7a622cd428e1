import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiProblems, CurrentActor, PageQuery, type Actor, type TrainyardRequest } from '../common/http/index.js';
import { ModelFileDto, ModelFilePageDto, UsedModelFileDto } from './dto/model-file.dto.js';
import { ModelFilesHttp } from './model-files-http.service.js';
import { ModelFilesService } from './model-files.service.js';

const FILE = { type: 'string', format: 'binary' } as const;

@ApiTags('model files')
@Controller('model-files')
export class ModelFilesController {
  constructor(
    private readonly http: ModelFilesHttp,
    private readonly files: ModelFilesService,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Upload a model that was trained elsewhere',
    description:
      'A `.keras` file (Keras 3) or an ONNX model with one input and one output, told apart by its bytes: as the body, or as the file of a form. It is checked and stored under the SHA-256 of its bytes, and nothing of it is executed. The algorithm `imported` then uses it in an execution.',
  })
  @ApiConsumes('application/octet-stream', 'application/zip', 'multipart/form-data')
  @ApiQuery({ name: 'name', required: false, description: 'What the file is called', schema: { type: 'string' } })
  @ApiBody({ schema: { oneOf: [FILE, { type: 'object', properties: { file: FILE } }] } })
  @ApiCreatedResponse({
    type: ModelFileDto,
    headers: { Location: { description: 'Path of the file', schema: { type: 'string' } } },
  })
  @ApiOkResponse({ type: ModelFileDto, description: 'These bytes were there already' })
  @ApiProblems('MALFORMED_BODY', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'MODEL_FILE_UNREADABLE', 'LIMIT_EXCEEDED')
  add(
    @Req() request: TrainyardRequest,
    @Res({ passthrough: true }) response: Response,
    @Query() options: Record<string, string>,
    @CurrentActor() actor: Actor,
  ): Promise<ModelFileDto> {
    return this.http.add(request, response, options, actor);
  }

  @Get()
  @ApiOperation({ summary: 'List model files, newest first' })
  @ApiOkResponse({ type: ModelFilePageDto })
  @ApiProblems('VALIDATION_FAILED', 'CURSOR_INVALID')
  list(@Query() page: PageQuery): Promise<ModelFilePageDto> {
    return this.http.list(page);
  }

  @Get(':sha256')
  @ApiOperation({ summary: 'One model file: what it reads and makes, and the executions that use it' })
  @ApiOkResponse({ type: UsedModelFileDto })
  @ApiProblems('MODEL_FILE_NOT_FOUND')
  get(@Param('sha256') sha256: string): Promise<UsedModelFileDto> {
    return this.http.get(sha256);
  }

  @Get(':sha256/content')
  @ApiOperation({ summary: 'The bytes of a model file' })
  @ApiOkResponse({ content: { 'application/octet-stream': { schema: FILE } } })
  @ApiProblems('MODEL_FILE_NOT_FOUND')
  content(@Param('sha256') sha256: string): Promise<StreamableFile> {
    return this.http.content(sha256);
  }

  @Delete(':sha256')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a model file that no execution uses' })
  @ApiNoContentResponse()
  @ApiProblems('MODEL_FILE_NOT_FOUND', 'MODEL_FILE_IN_USE', 'CONFLICT')
  delete(@Param('sha256') sha256: string): Promise<void> {
    return this.files.delete(sha256);
  }
}
