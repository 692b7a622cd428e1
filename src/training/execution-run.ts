import { setTimeout as delay } from 'node:timers/promises';
import type { ArtifactStore } from '../artifacts/index.js';
import { assertNever } from '../common/assert-never.js';
import { isTrainyardError } from '../common/errors/index.js';
import { inParallel } from '../common/in-parallel.js';
import {
  summarizeMetrics,
  type ClaimedExecution,
  type ExecutionLedger,
  type ExecutionResult,
  type FeatureImportanceRepository,
  type RunFacts,
  type RunningStatus,
} from '../executions/index.js';
import type { EpochRecord, TrainingCheckpoint } from '../ml/algorithms/algorithm.js';
import type { RegistryService } from '../registry/index.js';
import { decodeCheckpoint } from '../ml/export/model-state-codec.js';
import { registrationOf } from './model-registration.js';
import { BacktestRecord } from './backtest-record.js';
import { CHECKPOINT_ARTIFACT, ExecutionRecord } from './execution-record.js';
import { RunEnded, RunEndings, type Ending } from './run-ending.js';
import type { RunningTraining } from './running-training.js';
import { prepareTraining, type PreparationRooms, type PreparedFeatureSet } from './training-preparation.js';
import type { TrainingHost } from './training-host.js';
import type { TrainingNews, TrainingResult } from './worker/protocol.js';

/** Where results become model versions: the registry. */
export type ModelRegistrar = Pick<RegistryService, 'register'>;

/** The rooms that a run works with. */
export interface RunRooms extends PreparationRooms {
  readonly ledger: ExecutionLedger;
  readonly importances: Pick<FeatureImportanceRepository, 'record'>;
  readonly artifacts: ArtifactStore;
  readonly registrar: ModelRegistrar;
  readonly host: TrainingHost;
  /** The epochs that an execution has recorded so far. */
  epochsOf(executionId: string): Promise<EpochRecord[]>;
  /** Milliseconds. */
  now(): number;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
}

/** What somebody who reads the service's log should know of a run; users read the execution's own log. */
export interface RunLogger {
  warn(message: string): void;
  error(message: string, error: unknown): void;
}

/** Shares of the execution's progress: preparing before the worker, registering after it. */
const WORKER_BEGINS_AT = 5;
const WORKER_ENDS_AT = 97;
/** Artifacts: all at once are a hundred requests to the database, which the API would wait for. */
const WRITES_AT_ONCE = 3;

/**
 * One claimed execution from `PREPARING` to its end. It holds the lease by heartbeats, writes what the training says
 * into the ledger, and ends in exactly one of: completed, stopped, failed, cancelled, released (shutdown), or silence
 * (lease lost: whatever it wrote then would fall into somebody else's run).
 */
export class ExecutionRun {
  readonly finished: Promise<void>;

  private readonly record: ExecutionRecord;
  private backtest: BacktestRecord | null = null;
  private readonly endings: RunEndings;
  private readonly beganAt: number;
  private status: RunningStatus = 'PREPARING';
  private training: RunningTraining | null = null;
  private epochs = 0;
  private featureSet: string | null = null;
  private keepingFeatures: Promise<void> = Promise.resolve();

  constructor(
    private readonly execution: ClaimedExecution,
    private readonly rooms: RunRooms,
    private readonly logger: RunLogger,
  ) {
    this.beganAt = rooms.now();
    this.endings = new RunEndings((ending) => this.stopTraining(ending));
    this.record = new ExecutionRecord(execution, rooms.ledger, rooms.artifacts, (error) =>
      this.endings.end(endingOf(error)),
    );
    this.finished = this.run();
  }

  /** Too late once the result is being registered: a model version that exists is not taken back. */
  cancel(): void {
    if (this.status !== 'REGISTERING') this.endings.end({ kind: 'cancelled' });
  }

  /** Waits up to `graceMs` for a training to end or to be checkpointed, then gives the execution back to the queue. */
  async shutDown(graceMs: number): Promise<void> {
    if (this.training !== null) {
      const timer = new AbortController();
      const grace = delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([this.finished, this.record.nextCheckpoint(), grace]);
      timer.abort();
    }
    if (this.status !== 'REGISTERING') this.endings.end({ kind: 'shutdown' });
    await this.finished;
  }

  private async run(): Promise<void> {
    const stopHeartbeat = this.startHeartbeat();
    try {
      await this.complete(await this.train());
    } catch (error) {
      await this.conclude(error);
    } finally {
      stopHeartbeat();
    }
  }

  private async train(): Promise<TrainingResult> {
    const { execution, rooms, record, endings } = this;
    const { algorithm, training } = execution.parameters;
    rooms.host.expect({ algorithm, engine: training.engine });
    record.progress({ ...NO_PROGRESS, step: 'preparing', percent: 0 });
    const { job, featureSet } = await endings.within(() =>
      prepareTraining(execution, rooms, (line, level) => record.log(level ?? 'info', line)),
    );
    if (featureSet !== null) this.keepFeatures(featureSet);
    const resumed = await endings.within(() => this.findCheckpoint());
    const backtest = job.backtest?.refit ? await endings.within(() => this.openBacktest()) : null;
    this.enter('TRAINING');
    this.training = rooms.host.start(
      {
        ...job,
        ...(job.backtest && backtest && { backtest: { ...job.backtest, finished: backtest.kept } }),
        resumeFrom: resumed.checkpoint,
        epochsBefore: resumed.epochs,
        elapsedMsBefore: execution.runtimeMs,
      },
      (news) => this.hear(news),
    );
    return this.training.result;
  }

  /** While the training goes on; the execution does not succeed before. */
  private keepFeatures({ hash, keep }: PreparedFeatureSet): void {
    this.featureSet = hash;
    this.keepingFeatures = keep().then((problems) => {
      for (const problem of problems) this.record.log('warn', `The feature set was not stored: ${problem}`);
    });
  }

  /** An interrupted training goes on where its last checkpoint is; one that cannot be read costs time, not the result. */
  private async findCheckpoint(): Promise<{ checkpoint: TrainingCheckpoint | null; epochs: EpochRecord[] }> {
    const { executionId, attempt } = this.execution;
    if (attempt <= 1) return { checkpoint: null, epochs: [] };
    try {
      const { content } = await this.rooms.artifacts.read(executionId, CHECKPOINT_ARTIFACT);
      const checkpoint = decodeCheckpoint(content);
      this.record.log('info', `Resuming after epoch ${checkpoint.epoch}, from the last checkpoint`);
      const epochs = await this.rooms.epochsOf(executionId);
      return { checkpoint, epochs: epochs.filter(({ epoch }) => epoch <= checkpoint.epoch) };
    } catch (error) {
      if (isTrainyardError(error, 'ARTIFACT_NOT_FOUND')) {
        this.record.log('info', 'Starting over: the interruption came before the first checkpoint');
      } else if (isTrainyardError(error, 'ARTIFACT_CORRUPT')) {
        this.record.log('warn', `Starting over: the checkpoint cannot be read (${error.message})`);
      } else {
        throw error;
      }
      return { checkpoint: null, epochs: [] };
    }
  }

  private async openBacktest(): Promise<BacktestRecord> {
    const { artifacts, ledger } = this.rooms;
    return (this.backtest = await BacktestRecord.open(this.execution, {
      ...{ artifacts, ledger },
      say: (level, message) => this.record.log(level, message),
      onRefused: (error) => this.endings.end(endingOf(error)),
    }));
  }

  private hear(news: TrainingNews): void {
    if (this.endings.ending !== null) return;
    switch (news.type) {
      case 'progress': {
        const { step, epoch, epochs, loss, validationLoss, etaSeconds } = news;
        if (step === 'evaluating') this.enter('EVALUATING');
        const percent = WORKER_BEGINS_AT + (news.percent / 100) * (WORKER_ENDS_AT - WORKER_BEGINS_AT);
        this.record.progress({ step, percent, epoch, epochs, loss, validationLoss, etaSeconds });
        break;
      }
      case 'epoch':
        this.epochs = news.record.epoch;
        this.record.epoch(news.record);
        break;
      case 'log':
        this.record.log(news.level, news.message);
        break;
      case 'checkpoint':
        this.record.checkpoint(news.checkpoint, news.elapsedMs);
        break;
      case 'backtest-window':
        this.backtest?.add(news.finished, news.elapsedMs);
        break;
      default:
        assertNever(news);
    }
  }

  private async complete(result: TrainingResult): Promise<void> {
    const { execution, rooms, record, endings } = this;
    const { executionId, owner } = execution;
    await endings.within(async () => {
      await inParallel(result.artifacts, WRITES_AT_ONCE, async ({ name, content, contentType }) => {
        await rooms.artifacts.write(executionId, name, content, contentType);
      });
      if (result.importance !== null) await rooms.importances.record(executionId, result.importance.columns);
      await this.keepingFeatures;
      await record.flush();
    });
    this.enter('REGISTERING');
    record.progress({ ...NO_PROGRESS, step: 'registering', percent: WORKER_ENDS_AT });
    const { model, version } = await endings.within(() =>
      rooms.registrar.register(registrationOf(execution, result, this.featureSet)),
    );
    record.log('info', `Registered as ${model}, version ${version}`);
    await record.flush();
    const { iterations, bestEpoch, loss, validationLoss, stopReason, engine, modelSha256, windows } = result;
    const outcome: ExecutionResult = {
      ...{ iterations, bestEpoch, loss, validationLoss, stopReason, engine, modelSha256, windows },
      runtimeMs: this.runtimeMs,
      metrics: summarizeMetrics(result.report),
      model: { name: model, version },
    };
    if (stopReason === 'budget') await rooms.ledger.stopped(executionId, owner, outcome);
    else await rooms.ledger.complete(executionId, owner, outcome);
    await this.dropCheckpoint();
  }

  /** Writes how the run ended. What cannot be written is left to the lease: it runs out, and another run follows. */
  private async conclude(thrown: unknown): Promise<void> {
    const { executionId, owner } = this.execution;
    const { ledger } = this.rooms;
    const ending = this.endings.ending ?? endingOf(thrown);
    try {
      if (ending.kind !== 'lease-lost') {
        // Not after the end: an execution that is deleted then would leave its use of the set behind.
        await this.keepingFeatures;
        this.record.store();
      }
      switch (ending.kind) {
        case 'lease-lost':
          this.record.discard();
          this.backtest?.discard();
          this.logger.warn(`${executionId} was left to whoever holds its lease: ${ending.message}`);
          return;
        case 'shutdown':
          await this.record.flush();
          await this.backtest?.flush();
          await ledger.release(executionId, owner, 'The service was shut down');
          return;
        case 'cancelled':
          await ledger.cancelled(executionId, owner, this.facts());
          return await this.dropCheckpoint();
        case 'failed':
          await ledger.fail(executionId, owner, ending.error, this.facts());
          return await this.dropCheckpoint();
        default:
          assertNever(ending);
      }
    } catch (error) {
      this.logger.error(`${executionId} ended (${ending.kind}), which could not be written`, error);
    }
  }

  private enter(status: RunningStatus): void {
    if (this.status === status) return;
    this.status = status;
    this.record.transition(status, this.facts());
  }

  private stopTraining(ending: Ending): void {
    if (this.training === null) return;
    if (ending.kind === 'cancelled') this.training.cancel();
    else void this.training.kill();
  }

  /** Renews the lease; one that could not be renewed for its whole length is lost, whether or not anybody took it. */
  private startHeartbeat(): () => void {
    const { executionId, owner } = this.execution;
    const { ledger, heartbeatMs, leaseMs } = this.rooms;
    let renewedAt = this.rooms.now();
    let isWaiting = false;
    const beat = async (): Promise<void> => {
      const sentAt = this.rooms.now();
      if (sentAt - renewedAt > leaseMs) this.endings.end(leaseLost(`no heartbeat was answered for ${leaseMs} ms`));
      if (isWaiting) return;
      isWaiting = true;
      try {
        const { cancelRequested } = await ledger.heartbeat(executionId, owner);
        renewedAt = sentAt;
        if (cancelRequested) this.cancel();
      } catch (error) {
        if (isTrainyardError(error, 'CONFLICT') || isTrainyardError(error, 'EXECUTION_NOT_FOUND')) {
          this.endings.end(leaseLost(error.message));
        } else {
          this.logger.error(`The heartbeat of ${executionId} failed; it is tried again`, error);
        }
      } finally {
        isWaiting = false;
      }
    };
    const timer = setInterval(() => void beat(), heartbeatMs);
    return () => clearInterval(timer);
  }

  private get runtimeMs(): number {
    return this.execution.runtimeMs + Math.max(0, this.rooms.now() - this.beganAt);
  }

  private facts(): RunFacts {
    const { runtimeMs, featureSet } = this;
    const facts = featureSet === null ? { runtimeMs } : { runtimeMs, featureSet };
    return this.epochs === 0 ? facts : { ...facts, iterations: this.epochs };
  }

  private async dropCheckpoint(): Promise<void> {
    try {
      await this.record.dropCheckpoint();
      await this.backtest?.drop();
    } catch (error) {
      this.logger.error(`The checkpoint of ${this.execution.executionId} could not be deleted`, error);
    }
  }
}

const NO_PROGRESS = { epoch: null, epochs: null, loss: null, validationLoss: null, etaSeconds: null };

function leaseLost(message: string): Ending {
  return { kind: 'lease-lost', message };
}

function endingOf(thrown: unknown): Ending {
  if (thrown instanceof RunEnded) return thrown.ending;
  if (isTrainyardError(thrown, 'CANCELLED')) return { kind: 'cancelled' };
  if (isTrainyardError(thrown, 'CONFLICT')) return leaseLost(thrown.message);
  return { kind: 'failed', error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
}
