import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { isTrainyardError } from '../common/errors/index.js';
import { DatasetsService } from '../datasets/index.js';
import { EventsService, type NewEvent } from '../events/index.js';
import { ExecutionsService, isTerminal, type ExecutionSummary } from '../executions/index.js';
import { RegistryService, type ModelVersion } from '../registry/index.js';
import { MonitorRepository } from './monitor.repository.js';
import type { DriftFindings, Monitor, MonitorRun, RetrainAction, Retraining } from './monitor.js';

/** Who starts a training that nobody asked for. */
const TRAINYARD = { name: 'trainyard', role: 'trainer' } as const;
const HOUR_MS = 3_600_000;

/** Answers drift with a training on the newest data; whether its result is approved is the model's policy. */
@Injectable()
export class RetrainingService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Retraining');
  private stopListening: () => void = () => undefined;

  constructor(
    private readonly executions: ExecutionsService,
    private readonly registry: RegistryService,
    private readonly datasets: DatasetsService,
    private readonly monitors: MonitorRepository,
    private readonly events: EventsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A version tells at once that its execution is over; one without a version is noticed by the next run. */
  onApplicationBootstrap(): void {
    this.stopListening = this.events.listen(async ({ type, data }) => {
      const { executionId } = data;
      if (type !== 'model.registered' || typeof executionId !== 'string') return;
      for await (const monitor of this.monitors.all()) {
        if (monitor.retraining?.executionId === executionId) await this.settle(monitor, 'SUCCEEDED');
      }
    });
  }

  onModuleDestroy(): void {
    this.stopListening();
  }

  /** Says how a retraining ended, once it has. True while one goes on. */
  async isUnderWay(monitor: Monitor): Promise<boolean> {
    const { retraining } = monitor;
    if (retraining === null || retraining.ended !== null) return false;
    const execution = await this.findExecution(retraining.executionId);
    if (execution !== null && !isTerminal(execution.status)) return true;
    await this.settle(monitor, execution?.status ?? 'DELETED');
    return false;
  }

  /** Starts one where the monitor wants it: not while one is under way, and not too soon after the last. */
  async answer(monitor: Monitor, { runId, findings }: Pick<MonitorRun, 'runId' | 'findings'>): Promise<void> {
    const action = monitor.settings.retrain;
    const drifted = action?.on.filter((kind) => monitor[kind].status === 'drifted') ?? [];
    if (action === null || findings === null || drifted.length === 0) return;
    if (await this.isUnderWay(monitor)) return;
    const { retraining } = monitor;
    const now = this.clock.now();
    if (retraining !== null && now - Date.parse(retraining.startedAt) < action.minimumHours * HOUR_MS) return;
    const version = await this.registry.getVersion(findings.model, findings.modelVersion);
    const executionId = await this.start(monitor, action, version);
    const started: Retraining = { executionId, runId, startedAt: isoTime(this.clock), ended: null };
    await this.monitors.change(monitor.endpoint, ({ retrainings }) => ({
      change: { retraining: started, retrainings: retrainings + 1 },
      events: [
        {
          ...retrainingEvent('retraining.started', monitor, findings),
          reason: `${drifted.join(' and ')} drifted since ${monitor[drifted[0]!].since ?? 'now'}`,
          data: { executionId, runId, drift: drifted, datasetVersion: findings.datasetVersion },
        },
      ],
    }));
    this.logger.log(`${monitor.endpoint}: execution ${executionId} answers the drift of ${drifted.join(' and ')}`);
  }

  /**
   * The template version and the overrides of the version that drifted, on the newest data. The key is that of the
   * monitor's next retraining: a crash before it is noted, or another process, starts the same one again and not another.
   */
  private async start(monitor: Monitor, { warmStart }: RetrainAction, version: ModelVersion): Promise<string> {
    const newest = await this.datasets.getNewest(version.datasetId);
    const changes = {
      data: { datasetVersion: newest.version },
      registration: { model: version.model },
      ...(warmStart ? { training: { warmStart: { model: version.model, version: version.version } } } : {}),
    };
    const idempotencyKey = `retrain ${monitor.endpoint} ${monitor.createdAt} ${monitor.retrainings + 1}`;
    try {
      const asker = { actor: TRAINYARD, via: 'monitor', idempotencyKey } as const;
      return (await this.executions.clone(version.executionId, changes, asker)).executionId;
    } catch (error) {
      // It was started, and the data has grown since.
      const known = isTrainyardError(error, 'IDEMPOTENCY_KEY_REUSED') ? error.details['executionId'] : undefined;
      if (typeof known === 'string') return known;
      throw error;
    }
  }

  private async settle({ endpoint, retraining }: Monitor, status: string): Promise<void> {
    if (retraining === null) return;
    const { executionId, runId } = retraining;
    const version = (await this.findExecution(executionId))?.model ?? (await this.findVersion(executionId));
    await this.monitors.change(endpoint, ({ retraining: current }) => {
      if (current?.executionId !== executionId || current.ended !== null) return { change: {}, events: [] };
      const event: NewEvent = {
        type: 'retraining.finished',
        actor: TRAINYARD.name,
        reason: `execution ${executionId} is ${status}`,
        endpoint,
        ...(version === null ? {} : { model: version.name, modelVersion: version.version }),
        data: { executionId, runId, status },
      };
      return { change: { retraining: { ...current, ended: status } }, events: [event] };
    });
  }

  private async findVersion(executionId: string): Promise<{ readonly name: string; readonly version: number } | null> {
    const version = await this.registry.findByExecution(executionId);
    return version && { name: version.model, version: version.version };
  }

  private async findExecution(executionId: string): Promise<ExecutionSummary | null> {
    try {
      return await this.executions.get(executionId);
    } catch (error) {
      if (isTrainyardError(error, 'EXECUTION_NOT_FOUND')) return null;
      throw error;
    }
  }
}

function retrainingEvent(
  type: 'retraining.started',
  { endpoint }: Monitor,
  { model, modelVersion }: DriftFindings,
): NewEvent {
  return { type, actor: TRAINYARD.name, endpoint, model, modelVersion };
}
