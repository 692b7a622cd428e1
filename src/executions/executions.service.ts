import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ArtifactStore, type Artifact, type ArtifactContent } from '../artifacts/index.js';
import { TrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { DatasetsService } from '../datasets/index.js';
import { FeatureSetsService } from '../feature-sets/index.js';
import { ModelFilesService } from '../model-files/index.js';
import type { ModelReport } from '../ml/evaluation/direction-report.js';
import { TemplatesService } from '../templates/index.js';
import type {
  Activity,
  Execution,
  ExecutionSummary,
  LogLevel,
  LogLine,
  Overrides,
  StatusChange,
  StoredEpoch,
} from './execution.js';
import { summarize } from './execution-head.js';
import { ExecutionJournal } from './execution-journal.js';
import { ExecutionSignals } from './execution-signals.js';
import type { OriginReader } from './execution-origins.js';
import { ExecutionStarts, type Asker, type StartRequest, type Started } from './execution-starts.js';
import { isTerminal } from './execution-transitions.js';
import {
  ExecutionRepository,
  executionNotFound,
  type ExecutionFilter,
  type StoredHead,
} from './execution.repository.js';
import { FeatureImportanceRepository, type RankedColumn } from './feature-importance.repository.js';
import { mergeOverrides } from './merge-overrides.js';

/** Ids of what uses an execution's result; while there are any, it cannot be deleted. */
export type ExecutionUsageCheck = (executionId: string) => Promise<string[]>;

const USERS_NAMED = 5;

/** What people and programs do with executions; whoever runs them uses the `ExecutionLedger`. */
@Injectable()
export class ExecutionsService implements OnModuleInit {
  private readonly usageChecks = new Map<string, ExecutionUsageCheck>();

  constructor(
    private readonly repository: ExecutionRepository,
    private readonly starts: ExecutionStarts,
    private readonly journal: ExecutionJournal,
    private readonly signals: ExecutionSignals,
    private readonly importances: FeatureImportanceRepository,
    private readonly artifacts: ArtifactStore,
    private readonly templates: TemplatesService,
    private readonly datasets: DatasetsService,
    private readonly featureSets: FeatureSetsService,
    private readonly modelFiles: ModelFilesService,
  ) {}

  onModuleInit(): void {
    this.templates.registerUsageCheck('executions', async (templateId) => this.repository.idsOf({ templateId }));
    this.datasets.registerUsageCheck('executions', async (datasetId) => this.repository.idsOf({ datasetId }));
    this.modelFiles.registerExecutionCheck(async (executionIds) => {
      const found = await Promise.all(executionIds.map(async (id) => this.repository.findHead(id)));
      return executionIds.filter((_, at) => found[at] !== null);
    });
  }

  /** `kind` names the users in messages, for example `models`. A room registers once, at start. */
  registerUsageCheck(kind: string, check: ExecutionUsageCheck): void {
    this.usageChecks.set(kind, check);
  }

  /** `reader` finds the earlier results that parameters name. One room registers, once, at start. */
  registerOriginReader(reader: OriginReader): void {
    this.starts.useOriginReader(reader);
  }

  /** Checks and freezes everything, then queues. Nothing is stored of a request that is refused. */
  async start(
    request: {
      readonly templateId: string;
      readonly templateVersion?: number | null;
      readonly overrides?: Overrides | null;
    },
    asker: Asker,
  ): Promise<Started> {
    const { templateId, templateVersion, overrides } = request;
    const whole = {
      templateId,
      templateVersion: templateVersion ?? null,
      overrides: overrides ?? {},
      clonedFrom: null,
    };
    return this.starts.start(whole, asker);
  }

  /**
   * Starts an execution of the same template version with the same overrides, and `changes` over them. A template that
   * asks for the newest dataset version gets the one that is newest now.
   */
  async clone(executionId: string, changes: Overrides, asker: Asker): Promise<Started> {
    const source = await this.get(executionId);
    const { templateId, templateVersion } = source;
    const request: StartRequest = {
      templateId,
      templateVersion,
      overrides: mergeOverrides(source, changes),
      clonedFrom: executionId,
    };
    const started = await this.starts.start(request, asker);
    if (!started.replayed) {
      const { actor, via } = asker;
      const facts = { executionId: started.executionId };
      await this.journal.write(executionId, () => ({
        activity: { actor: actor.name, role: actor.role, action: 'cloned', via, facts },
      }));
    }
    return started;
  }

  /**
   * Ends a waiting execution at once and asks a running one to end. Asking again changes nothing; `EXECUTION_STATE` when
   * it has ended otherwise.
   */
  async cancel(executionId: string, { actor, via }: Asker): Promise<ExecutionSummary> {
    const head = await this.journal.write(executionId, (current, at) => {
      const { status } = current;
      if (status === 'CANCELLED' || current.cancelRequested) return null;
      if (isTerminal(status)) {
        throw new TrainyardError(
          'EXECUTION_STATE',
          `Execution ${executionId} is ${status}: there is nothing to cancel`,
          {
            executionId,
            status,
          },
        );
      }
      const activity = { actor: actor.name, role: actor.role, action: 'cancelled', via, facts: { status } } as const;
      if (status !== 'QUEUED') return { head: { cancelRequested: true }, activity };
      const error = { code: 'CANCELLED', message: 'The execution was cancelled before it began', details: {} };
      return {
        head: { status: 'CANCELLED', cancelRequested: true, finishedAt: at, error },
        events: [
          { type: 'status', data: { from: 'QUEUED', status: 'CANCELLED' } },
          { type: 'failed', data: { status: 'CANCELLED', error } },
        ],
        activity,
      };
    });
    if (!isTerminal(head.status)) this.signals.cancelRequested.send(executionId);
    return summarize(head);
  }

  /** With its logs and artifacts. Only one that has ended and that no model refers to. */
  async delete(executionId: string): Promise<void> {
    const { head, stored } = await this.getHead(executionId);
    if (!isTerminal(head.status)) {
      const message = `Execution ${executionId} is ${head.status}: cancel it and wait for its end before deleting it`;
      throw new TrainyardError('EXECUTION_STATE', message, { executionId, status: head.status });
    }
    await this.assertUnused(executionId);
    await this.artifacts.deleteAll(executionId);
    await this.featureSets.dropUsages(executionId);
    const modelFile = (await this.repository.findFrozen(head))?.modelFile;
    if (modelFile !== undefined) await this.modelFiles.dropUsage(modelFile.sha256, executionId);
    await this.importances.deleteAll(executionId);
    if (head.idempotencyKey !== null) await this.repository.deleteKey(head.idempotencyKey);
    await this.repository.deleteAll(executionId, stored.version);
  }

  async get(executionId: string): Promise<Execution> {
    const { head } = await this.getHead(executionId);
    return { ...summarize(head), ...(await this.repository.getFrozen(head)) };
  }

  /** Newest first. */
  async list(filter: ExecutionFilter, page: PageRequest): Promise<Page<ExecutionSummary>> {
    const { from, to } = filter;
    if (from !== undefined && to !== undefined && from >= to) {
      throw new TrainyardError('RANGE_INVERTED', `from=${from} does not lie before to=${to}`, { from, to });
    }
    const { items, cursor } = await this.repository.list(filter, page);
    return { items: items.map(summarize), cursor };
  }

  async listLogs(executionId: string, page: PageRequest & { readonly level?: LogLevel }): Promise<Page<LogLine>> {
    await this.getHead(executionId);
    const { items, cursor } = await this.repository.listEvents(executionId, 'log', page);
    return { items: items.map(({ sequence, at, data }) => ({ sequence, at, ...data })), cursor };
  }

  async listEpochs(executionId: string, page: PageRequest): Promise<Page<StoredEpoch>> {
    await this.getHead(executionId);
    const { items, cursor } = await this.repository.listEvents(executionId, 'epoch', page);
    return { items: items.map(({ sequence, at, data }) => ({ sequence, at, ...data })), cursor };
  }

  async listStatusChanges(executionId: string, page: PageRequest): Promise<Page<StatusChange>> {
    await this.getHead(executionId);
    const { items, cursor } = await this.repository.listEvents(executionId, 'status', page);
    return { items: items.map(({ sequence, at, data }) => ({ sequence, at, ...data })), cursor };
  }

  async listActivity(executionId: string, page: PageRequest): Promise<Page<Activity>> {
    await this.getHead(executionId);
    return this.repository.listActivity(executionId, page);
  }

  /** What the input columns of the trained model are worth, the most important first; empty where it was not measured. */
  async listFeatureImportance(executionId: string, page: PageRequest): Promise<Page<RankedColumn>> {
    await this.getHead(executionId);
    return this.importances.list(executionId, page);
  }

  async getReport(executionId: string): Promise<ModelReport> {
    const { content } = await this.readArtifact(executionId, 'report.json');
    return JSON.parse(Buffer.from(content).toString('utf8')) as ModelReport;
  }

  async listArtifacts(executionId: string): Promise<Artifact[]> {
    await this.getHead(executionId);
    return this.artifacts.list(executionId);
  }

  /** Bytes, verified. */
  async readArtifact(executionId: string, name: string): Promise<ArtifactContent> {
    const { head } = await this.getHead(executionId);
    const artifact = await this.artifacts.find(executionId, name);
    if (artifact !== null) return this.artifacts.read(executionId, name);
    const there = (await this.artifacts.list(executionId)).map((found) => found.name);
    const has = there.length === 0 ? 'it has none' : `it has ${there.join(', ')}`;
    const message = `Execution ${executionId} (${head.status}) has no artifact "${name}": ${has}`;
    throw new TrainyardError('ARTIFACT_NOT_FOUND', message, { executionId, name, status: head.status, there });
  }

  private async getHead(executionId: string): Promise<StoredHead> {
    const found = await this.repository.findHead(executionId);
    if (found === null) throw executionNotFound(executionId);
    return found;
  }

  private async assertUnused(executionId: string): Promise<void> {
    const users: Record<string, string[]> = {};
    for (const [kind, check] of this.usageChecks) {
      const ids = await check(executionId);
      if (ids.length > 0) users[kind] = ids;
    }
    const named = Object.entries(users).map(([kind, ids]) => `${kind} ${ids.slice(0, USERS_NAMED).join(', ')}`);
    if (named.length === 0) return;
    const message = `Execution ${executionId} is the origin of ${named.join('; ')}: delete those first`;
    throw new TrainyardError('EXECUTION_IN_USE', message, { executionId, users });
  }
}
