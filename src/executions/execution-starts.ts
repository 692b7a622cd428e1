import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import type { Actor } from '../common/http/index.js';
import { newId } from '../common/ids.js';
import type { DatasetVersion } from '../datasets/index.js';
import { ModelFilesService } from '../model-files/index.js';
import { canonicalJson } from '../ml/export/canonical-json.js';
import { TemplatesService, type TemplateParameters, type TemplateVersion } from '../templates/index.js';
import { CODE_VERSION } from './code-version.js';
import type { FrozenRequest, Overrides, ParameterOrigin } from './execution.js';
import type { NewExecutionEvent } from './execution-events.js';
import { NOT_YET_RUN, type Entry, type ExecutionHead } from './execution-head.js';
import type { OriginReader, TakenOver } from './execution-origins.js';
import { ExecutionSignals } from './execution-signals.js';
import type { IdempotencyItem } from './execution.entity.js';
import { ExecutionRepository } from './execution.repository.js';

export interface StartRequest {
  readonly templateId: string;
  /** Null: the newest. */
  readonly templateVersion: number | null;
  readonly overrides: Overrides;
  readonly clonedFrom: string | null;
}

/** Who asks, over which door, and under which idempotency key, if any. */
export interface Asker {
  readonly actor: Actor;
  readonly via: 'http' | 'socket' | 'monitor';
  readonly idempotencyKey?: string;
}

export interface Started {
  readonly executionId: string;
  /** True when an earlier request under the same key had started it. */
  readonly replayed: boolean;
}

interface Prepared {
  readonly template: TemplateVersion;
  readonly dataset: DatasetVersion;
  readonly frozen: FrozenRequest;
  /** Become artifacts of the execution. */
  readonly files: TakenOver['files'];
  readonly warnings: readonly string[];
}

/** Turns a request into a queued execution: everything is checked first, frozen, and stored once. */
@Injectable()
export class ExecutionStarts {
  /** One start at a time is admitted, so that the limit of the queue holds within this process. */
  private admission: Promise<unknown> = Promise.resolve();
  private originReader: OriginReader = () => Promise.resolve(null);

  constructor(
    private readonly repository: ExecutionRepository,
    private readonly templates: TemplatesService,
    private readonly artifacts: ArtifactStore,
    private readonly modelFiles: ModelFilesService,
    private readonly signals: ExecutionSignals,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The room that trains knows what a training can be built upon. */
  useOriginReader(reader: OriginReader): void {
    this.originReader = reader;
  }

  async start(request: StartRequest, asker: Asker): Promise<Started> {
    const key = asker.idempotencyKey === undefined ? null : keyOf(asker.actor, asker.idempotencyKey);
    const requestSha256 = sha256(canonicalJson(request));
    const earlier = await this.findStarted(key, requestSha256);
    if (earlier !== null) return earlier;
    const prepared = await this.prepare(request);
    return this.admit(async () => {
      const meanwhile = await this.findStarted(key, requestSha256);
      if (meanwhile !== null) return meanwhile;
      await this.assertRoom();
      // The key reserves the id before the execution is stored: a crash or a race between the two ends with the same
      // request storing it under this id, once.
      const createdAt = isoTime(this.clock);
      const reservation = { requestSha256, executionId: newId('exe'), createdAt };
      const { executionId } =
        key === null
          ? reservation
          : sameRequest(await this.repository.reserveKey({ key, ...reservation }), requestSha256);
      const head = this.newHead(executionId, key, request, prepared, asker);
      // Before the execution: one that exists has all it needs.
      const { modelFile } = prepared.frozen;
      if (modelFile !== undefined) await this.modelFiles.addUsage(modelFile.sha256, executionId);
      for (const { name, content, contentType } of prepared.files) {
        await this.artifacts.write(executionId, name, content, contentType);
      }
      const created = await this.repository.create(head, prepared.frozen);
      if (created) this.signals.queued.send(executionId);
      return { executionId, replayed: !created };
    });
  }

  private async findStarted(key: string | null, requestSha256: string): Promise<Started | null> {
    const item = key === null ? null : await this.repository.findKey(key);
    if (item === null) return null;
    const { executionId } = sameRequest(item, requestSha256);
    const found = await this.repository.findHead(executionId);
    return found === null ? null : { executionId, replayed: true };
  }

  private async prepare({ templateId, templateVersion, overrides }: StartRequest): Promise<Prepared> {
    const template = await this.templates.getVersion(templateId, templateVersion);
    const resolved = this.templates.resolve(template, overrides);
    const dataset = await this.templates.getFittingDataset(resolved.parameters);
    const takenOver = await this.originReader(resolved.parameters, dataset);
    const { parameters, fixed, warmStart, members, modelFile, files } =
      takenOver ?? nothingTakenOver(resolved.parameters);
    const open = parameters.data.datasetVersion === null ? ['data.datasetVersion', ...fixed] : fixed;
    const frozenOrigins = open.map((path): [string, ParameterOrigin] => [path, 'frozen']);
    const frozen: FrozenRequest = {
      overrides,
      parameters: { ...parameters, data: { ...parameters.data, datasetVersion: dataset.version } },
      origins: { ...resolved.origins, ...Object.fromEntries(frozenOrigins) },
      warmStart,
      ...(members && { members }),
      ...(modelFile && { modelFile }),
    };
    return { template, dataset, frozen, files, warnings: resolved.warnings };
  }

  private async assertRoom(): Promise<void> {
    const limit = this.config.limits.queuedExecutions;
    const waiting = await this.repository.listByStatus('QUEUED', limit);
    if (waiting.length < limit) return;
    throw new TrainyardError(
      'QUEUE_FULL',
      `${waiting.length} executions are waiting, the limit is ${limit} (TRAINYARD_LIMIT_QUEUED_EXECUTIONS): try again when one has started, or cancel one`,
      { waiting: waiting.length, limit },
    );
  }

  private newHead(
    executionId: string,
    idempotencyKey: string | null,
    { clonedFrom }: StartRequest,
    { template, dataset, frozen, warnings }: Prepared,
    { actor, via }: Asker,
  ): ExecutionHead {
    const createdAt = isoTime(this.clock);
    const { parameters } = frozen;
    const events: NewExecutionEvent[] = [
      { type: 'status', data: { from: null, status: 'QUEUED' } },
      ...warnings.map((message): NewExecutionEvent => ({ type: 'log', data: { level: 'warn', message } })),
    ];
    const tail: Entry[] = events.map((event, at) => ({
      kind: 'event',
      event: { ...event, executionId, sequence: at + 1, at: createdAt },
    }));
    const facts = {
      templateId: template.templateId,
      templateVersion: template.version,
      ...(clonedFrom === null ? {} : { clonedFrom }),
    };
    tail.push({
      kind: 'activity',
      id: newId('act'),
      activity: { at: createdAt, actor: actor.name, role: actor.role, action: 'started', via, facts },
    });
    return {
      executionId,
      ...NOT_YET_RUN,
      templateId: template.templateId,
      templateName: template.name,
      templateVersion: template.version,
      datasetId: dataset.datasetId,
      datasetVersion: dataset.version,
      datasetContentHash: dataset.contentHash,
      algorithm: parameters.algorithm.name,
      seed: parameters.training.seed,
      engine: parameters.training.engine,
      codeVersion: CODE_VERSION,
      fingerprint: sha256(
        canonicalJson({
          parameters,
          data: dataset.contentHash,
          code: CODE_VERSION,
          ...(frozen.warmStart && { warmStart: frozen.warmStart.modelSha256 }),
          ...(frozen.members && { members: frozen.members.map(({ modelSha256 }) => modelSha256) }),
        }),
      ),
      clonedFrom,
      createdBy: actor.name,
      createdAt,
      sequence: events.length,
      idempotencyKey,
      frozenId: newId('gen'),
      tail,
    };
  }

  private async admit<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.admission.then(work);
    this.admission = turn.catch(() => undefined);
    return turn;
  }
}

function nothingTakenOver(parameters: TemplateParameters): TakenOver {
  return { parameters, fixed: [], warmStart: null, files: [] };
}

/** Keys of different callers do not meet. */
function keyOf(actor: Actor, idempotencyKey: string): string {
  return `start#${actor.name}#${idempotencyKey}`;
}

function sameRequest(item: IdempotencyItem, requestSha256: string): IdempotencyItem {
  if (item.requestSha256 === requestSha256) return item;
  throw new TrainyardError(
    'IDEMPOTENCY_KEY_REUSED',
    `This idempotency key started execution ${item.executionId} with another request: use a new key for a new execution`,
    { executionId: item.executionId },
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
