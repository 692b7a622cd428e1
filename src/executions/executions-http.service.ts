import { Injectable, StreamableFile } from '@nestjs/common';
import type { Response } from 'express';
import type { ArtifactContent } from '../artifacts/index.js';
import { API_PREFIX, validationFailed, type Actor, type PageQuery } from '../common/http/index.js';
import type { ModelReport } from '../ml/evaluation/direction-report.js';
import { IDEMPOTENCY_KEY } from './idempotency-key.js';
import { ExecutionsService } from './executions.service.js';
import type { Asker, Started } from './execution-starts.js';
import type { ListExecutionsQuery, ListLogsQuery } from './dto/execution-queries.dto.js';
import type {
  ActivityPageDto,
  ArtifactListDto,
  EpochPageDto,
  LogPageDto,
  StatusChangePageDto,
} from './dto/execution-records.dto.js';
import type { ExecutionDto, ExecutionPageDto, ExecutionSummaryDto } from './dto/execution.dto.js';
import type { FeatureImportancePageDto } from './dto/feature-importance.dto.js';
import type { CloneExecutionDto, StartExecutionDto } from './dto/start-execution.dto.js';

/** Who asks, with the Idempotency-Key header as it came. */
interface HttpAsker {
  readonly actor: Actor;
  readonly key: string | undefined;
}

export interface ArtifactJson {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly base64: string;
}

/** What HTTP adds to the use cases: headers, status, the form of the answers. */
@Injectable()
export class ExecutionsHttpService {
  constructor(private readonly executions: ExecutionsService) {}

  async start(body: StartExecutionDto, asker: HttpAsker, response: Response): Promise<ExecutionDto> {
    return this.accepted(await this.executions.start(body, toAsker(asker)), response);
  }

  async clone(
    executionId: string,
    body: CloneExecutionDto,
    asker: HttpAsker,
    response: Response,
  ): Promise<ExecutionDto> {
    return this.accepted(await this.executions.clone(executionId, body?.overrides ?? {}, toAsker(asker)), response);
  }

  async cancel(executionId: string, actor: Actor): Promise<ExecutionSummaryDto> {
    return await this.executions.cancel(executionId, { actor, via: 'http' });
  }

  async delete(executionId: string): Promise<void> {
    await this.executions.delete(executionId);
  }

  async get(executionId: string): Promise<ExecutionDto> {
    return await this.executions.get(executionId);
  }

  async list({ limit, cursor, from, to, ...filter }: ListExecutionsQuery): Promise<ExecutionPageDto> {
    const range = { from: toStoredTime('from', from), to: toStoredTime('to', to) };
    return (await this.executions.list({ ...filter, ...range }, { limit, cursor })) as ExecutionPageDto;
  }

  async listLogs(executionId: string, query: ListLogsQuery): Promise<LogPageDto> {
    return (await this.executions.listLogs(executionId, query)) as LogPageDto;
  }

  async listEpochs(executionId: string, query: PageQuery): Promise<EpochPageDto> {
    return (await this.executions.listEpochs(executionId, query)) as EpochPageDto;
  }

  async listStatusChanges(executionId: string, query: PageQuery): Promise<StatusChangePageDto> {
    return (await this.executions.listStatusChanges(executionId, query)) as StatusChangePageDto;
  }

  async listActivity(executionId: string, query: PageQuery): Promise<ActivityPageDto> {
    return (await this.executions.listActivity(executionId, query)) as ActivityPageDto;
  }

  async listFeatureImportance(executionId: string, query: PageQuery): Promise<FeatureImportancePageDto> {
    return (await this.executions.listFeatureImportance(executionId, query)) as FeatureImportancePageDto;
  }

  async getReport(executionId: string): Promise<ModelReport> {
    return this.executions.getReport(executionId);
  }

  async listArtifacts(executionId: string): Promise<ArtifactListDto> {
    const artifacts = await this.executions.listArtifacts(executionId);
    const items = artifacts.map(({ name, contentType, bytes, sha256, createdAt }) => ({
      name,
      contentType,
      bytes,
      sha256,
      createdAt,
    }));
    return { items };
  }

  async readArtifact(
    executionId: string,
    name: string,
    { encoding, ifNoneMatch }: { readonly encoding?: 'base64'; readonly ifNoneMatch: string | undefined },
    response: Response,
  ): Promise<StreamableFile | ArtifactJson | undefined> {
    const artifact = await this.executions.readArtifact(executionId, name);
    if (encoding === 'base64') return toJson(artifact);
    const etag = `"${artifact.sha256}"`;
    response.setHeader('ETag', etag);
    if (namesTag(ifNoneMatch, etag)) {
      response.status(304);
      return undefined;
    }
    // Artifacts are data: a browser must not take one for a page of this origin.
    response.setHeader('X-Content-Type-Options', 'nosniff');
    return new StreamableFile(artifact.content, {
      type: artifact.contentType,
      length: artifact.content.byteLength,
      disposition: `inline; filename="${encodeURIComponent(name)}"`,
    });
  }

  private async accepted({ executionId }: Started, response: Response): Promise<ExecutionDto> {
    response.setHeader('Location', `/${API_PREFIX}/executions/${executionId}`);
    return this.get(executionId);
  }
}

function toAsker({ actor, key }: HttpAsker): Asker {
  if (key === undefined) return { actor, via: 'http' };
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw validationFailed([
      { path: 'Idempotency-Key', value: key, message: 'must be 1 to 200 printable ASCII characters' },
    ]);
  }
  return { actor, via: 'http', idempotencyKey: key };
}

/** In UTC with milliseconds, as times are stored and compared. */
function toStoredTime(path: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw validationFailed([{ path, value: text, message: 'there is no such day' }]);
}

function toJson({ name, contentType, bytes, sha256, content }: ArtifactContent): ArtifactJson {
  return { name, contentType, bytes, sha256, base64: Buffer.from(content).toString('base64') };
}

function namesTag(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
