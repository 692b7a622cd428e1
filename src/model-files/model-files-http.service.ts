import { Inject, Injectable, StreamableFile } from '@nestjs/common';
import type { Response } from 'express';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import { API_PREFIX, type Actor, type PageQuery, type TrainyardRequest } from '../common/http/index.js';
import { Slots } from '../common/slots.js';
import { receiveUpload, type Upload, type UploadRules } from '../datasets/index.js';
import type { ModelFileDto, ModelFilePageDto, UsedModelFileDto } from './dto/model-file.dto.js';
import type { StoredModelFile } from './model-file.js';
import { ModelFilesService } from './model-files.service.js';

/** Each upload is held in memory until it is stored: more than two at once wait, and so do their clients. */
const UPLOADS_AT_ONCE = 2;
const TYPES = ['application/octet-stream', 'application/zip', 'application/x-zip-compressed'];

type RequestOptions = Readonly<Record<string, unknown>>;

/** What the routes need beyond a call of a use case: streams, headers, and the form of answers. */
@Injectable()
export class ModelFilesHttp {
  private readonly slots = new Slots(UPLOADS_AT_ONCE);

  constructor(
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    private readonly files: ModelFilesService,
  ) {}

  async add(
    request: TrainyardRequest,
    response: Response,
    options: RequestOptions,
    actor: Actor,
  ): Promise<ModelFileDto> {
    return receiveUpload(request, options, this.rules, (upload) =>
      this.slots.run(async () => {
        const { name, content } = await collect(upload);
        const { file, isNew } = await this.files.add(content, name, actor.name);
        if (!isNew) response.status(200);
        response.setHeader('Location', `/${API_PREFIX}/model-files/${file.sha256}`);
        return present(file);
      }),
    );
  }

  async get(sha256: string): Promise<UsedModelFileDto> {
    return { ...present(await this.files.get(sha256)), executions: await this.files.usersOf(sha256) };
  }

  async list(page: PageQuery): Promise<ModelFilePageDto> {
    const { items, cursor } = await this.files.list(page);
    return { items: items.map(present), cursor };
  }

  async content(sha256: string): Promise<StreamableFile> {
    const { file, content } = await this.files.read(sha256);
    return new StreamableFile(content, {
      type: 'application/octet-stream',
      disposition: `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      length: content.length,
    });
  }

  private get rules(): UploadRules {
    return {
      limitBytes: this.config.limits.modelFileBytes,
      remedy: 'import a smaller model, or raise TRAINYARD_LIMIT_MODEL_FILE_BYTES',
      types: TYPES,
      expected: 'the file as application/octet-stream, or multipart/form-data with one file',
    };
  }
}

/** The one file of an upload: under `limitBytes`, which the upload itself is held to. */
async function collect({ options, files }: Upload): Promise<{ name: string | null; content: Uint8Array }> {
  let found: { name: string | null; content: Uint8Array } | null = null;
  for await (const { name, body } of files) {
    if (found !== null) throw malformed('the form has several files: upload them one by one');
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    found = { name, content: Uint8Array.from(Buffer.concat(parts)) };
  }
  if (found === null || found.content.length === 0)
    throw malformed('the upload has no bytes: send the file as the body');
  const { name } = options;
  return typeof name === 'string' ? { ...found, name } : found;
}

function malformed(message: string): TrainyardError {
  return new TrainyardError('MALFORMED_BODY', message);
}

function present({ input, output, parts, ...file }: StoredModelFile): ModelFileDto {
  return {
    ...file,
    input: { ...input, shape: [...input.shape] },
    output: { ...output, shape: [...output.shape] },
    parts: parts.map((part) => ({ ...part })),
  };
}
