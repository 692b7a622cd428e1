import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError, encodeError } from '../common/errors/index.js';
import type { EpochRecord } from '../ml/algorithms/algorithm.js';
import type {
  ClaimedExecution,
  ExecutionError,
  ExecutionProgress,
  ExecutionResult,
  ExecutionStatus,
  LogLevel,
  RunFacts,
  RunningStatus,
} from './execution.js';
import type { NewExecutionEvent } from './execution-events.js';
import { ExecutionEvents } from './execution-events.service.js';
import { summarize, type ExecutionHead } from './execution-head.js';
import { ExecutionJournal, type Change } from './execution-journal.js';
import { ExecutionLedger } from './execution-ledger.js';
import { ExecutionSignals } from './execution-signals.js';
import { RUNNING_STATUSES, assertTransition, isRunning } from './execution-transitions.js';
import { ExecutionRepository } from './execution.repository.js';
import { interrupt } from './interruption.js';

const SNAPSHOT_MS = 1_000;
const MESSAGE_CHARACTERS = 2_000;
/** Queued executions looked at in one claim: others may take some of them meanwhile. */
const CANDIDATES = 20;

/** What this process knows of an execution that it runs. */
interface Held {
  readonly owner: string;
  sequence: number;
  progress: ExecutionProgress | null;
  progressAt: string | null;
  snapshotAt: number;
}

/** The ledger over the journal: every write is decided on the head as it is, and refused there to a stale owner. */
@Injectable()
export class StoredExecutionLedger extends ExecutionLedger {
  private readonly logger = new Logger('ExecutionLedger');
  private readonly held = new Map<string, Held>();
  /** Owners that claimed here. */
  private readonly ownOwners = new Set<string>();
  /** Own leases that were found expired once, with their expiry. */
  private readonly suspects = new Map<string, number>();

  constructor(
    private readonly repository: ExecutionRepository,
    private readonly journal: ExecutionJournal,
    private readonly events: ExecutionEvents,
    private readonly signals: ExecutionSignals,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    super();
  }

  async claimNext(owner: string): Promise<ClaimedExecution | null> {
    this.ownOwners.add(owner);
    for (const { executionId } of await this.repository.listByStatus('QUEUED', CANDIDATES)) {
      let claimed = false;
      const head = await this.journal.write(executionId, (current, at) => {
        claimed = current.status === 'QUEUED';
        if (!claimed) return null;
        return {
          head: {
            status: 'PREPARING',
            lease: this.newLease(owner),
            startedAt: current.startedAt ?? at,
            attempt: current.attempt + 1,
          },
          events: [statusEvent('QUEUED', 'PREPARING')],
        };
      });
      if (!claimed) continue;
      this.held.set(executionId, {
        owner,
        sequence: head.sequence,
        progress: null,
        progressAt: null,
        snapshotAt: this.clock.now(),
      });
      return { ...summarize(head), ...(await this.repository.getFrozen(head)), owner };
    }
    return null;
  }

  async heartbeat(executionId: string, owner: string): Promise<{ readonly cancelRequested: boolean }> {
    return this.write(executionId, owner, () => ({ head: { lease: this.newLease(owner) } }));
  }

  async transition(executionId: string, owner: string, to: RunningStatus, facts: RunFacts = {}): Promise<void> {
    await this.write(executionId, owner, (head) => {
      assertTransition(executionId, head.status, to);
      return { head: { ...known(facts), status: to }, events: [statusEvent(head.status, to)] };
    });
  }

  async log(executionId: string, owner: string, level: LogLevel, message: string): Promise<void> {
    const data = { level, message: shorten(message) };
    await this.write(executionId, owner, () => ({ events: [{ type: 'log', data }] }));
  }

  async epoch(executionId: string, owner: string, record: EpochRecord): Promise<void> {
    const { epoch: iterations, loss, validationLoss } = record;
    if (!Number.isFinite(loss + (validationLoss ?? 0))) {
      const message = `Epoch ${iterations} has the loss ${loss} and the validation loss ${validationLoss}`;
      throw new TrainyardError('LOSS_NOT_FINITE', message, { epoch: iterations, loss: String(loss) });
    }
    await this.write(executionId, owner, () => ({
      head: { iterations, loss, validationLoss },
      events: [{ type: 'epoch', data: record }],
    }));
  }

  progress(executionId: string, owner: string, progress: ExecutionProgress): void {
    const held = this.held.get(executionId);
    if (held?.owner !== owner) throw leaseLost(executionId, owner);
    const at = isoTime(this.clock);
    // JSON has no NaN; a loss that is none is reported by the training itself.
    const data = { ...progress, loss: finite(progress.loss), validationLoss: finite(progress.validationLoss) };
    held.progress = data;
    held.progressAt = at;
    this.events.publish([{ type: 'progress', executionId, sequence: held.sequence, at, data }]);
    if (this.clock.now() - held.snapshotAt < SNAPSHOT_MS) return;
    held.snapshotAt = this.clock.now();
    this.write(executionId, owner, () => ({ head: {} })).catch((error: unknown) =>
      // Whoever runs it learns of a lost lease from its next write or heartbeat.
      this.logger.warn(`progress of execution ${executionId} was not stored: ${String(error)}`),
    );
  }

  async checkpoint(
    executionId: string,
    owner: string,
    { epoch, elapsedMs }: { readonly epoch?: number; readonly elapsedMs: number },
  ): Promise<void> {
    await this.write(executionId, owner, () => ({
      head: { runtimeMs: elapsedMs, interruptionsInVain: 0, ...(epoch !== undefined && { checkpointEpoch: epoch }) },
    }));
  }

  async complete(executionId: string, owner: string, result: ExecutionResult): Promise<void> {
    await this.finish(executionId, owner, 'SUCCEEDED', result);
  }

  async stopped(executionId: string, owner: string, result: ExecutionResult): Promise<void> {
    await this.finish(executionId, owner, 'STOPPED', result);
  }

  async fail(executionId: string, owner: string, error: unknown, facts: RunFacts = {}): Promise<void> {
    const { code, message, details, stack } = encodeError(error);
    if (code === null) this.logger.error(`execution ${executionId} failed: ${stack ?? message}`);
    await this.endWithout(executionId, owner, 'FAILED', facts, {
      code: code ?? 'INTERNAL',
      message: code === null ? `An internal error ended the execution: ${shorten(message)}` : shorten(message),
      details: JSON.parse(JSON.stringify(details)) as ExecutionError['details'],
    });
  }

  async cancelled(executionId: string, owner: string, facts: RunFacts = {}): Promise<void> {
    const error: ExecutionError = { code: 'CANCELLED', message: 'The execution was cancelled', details: {} };
    await this.endWithout(executionId, owner, 'CANCELLED', facts, error);
  }

  async release(executionId: string, owner: string, reason: string): Promise<void> {
    const { status } = await this.write(executionId, owner, (head, at) => interrupt(head, reason, false, at));
    if (status === 'QUEUED') this.signals.queued.send(executionId);
  }

  async requeueAbandoned(): Promise<string[]> {
    const requeued: string[] = [];
    for (const status of RUNNING_STATUSES) {
      for (const { executionId, lease } of await this.repository.listByStatus(status)) {
        if (!this.isAbandoned(executionId, lease)) continue;
        let done = false;
        const head = await this.journal.write(executionId, (current, at) => {
          // Decided again on the item itself: the list may be old, and a heartbeat may have come since.
          done = isRunning(current.status) && current.lease?.expiresAt === lease?.expiresAt;
          if (!done) return null;
          return interrupt(current, 'the process that ran it is gone', true, at);
        });
        if (!done) continue;
        this.held.delete(executionId);
        this.suspects.delete(executionId);
        requeued.push(executionId);
        this.logger.warn(`execution ${executionId} was interrupted and is now ${head.status}`);
        if (head.status === 'QUEUED') this.signals.queued.send(executionId);
      }
    }
    return requeued;
  }

  onQueued(listener: (executionId: string) => void): () => void {
    return this.signals.queued.listen(listener);
  }

  onCancelRequested(listener: (executionId: string) => void): () => void {
    return this.signals.cancelRequested.listen(listener);
  }

  private isAbandoned(executionId: string, lease: ExecutionHead['lease']): boolean {
    if (lease === null) return true;
    const expired = lease.expiresAt < this.clock.now();
    if (!this.ownOwners.has(lease.owner)) return expired || this.config.database.kind === 'embedded';
    if (!expired) this.suspects.delete(executionId);
    else if (this.suspects.get(executionId) === lease.expiresAt) return true;
    else this.suspects.set(executionId, lease.expiresAt);
    return false;
  }

  private async finish(
    executionId: string,
    owner: string,
    status: 'SUCCEEDED' | 'STOPPED',
    result: ExecutionResult,
  ): Promise<void> {
    const { model, metrics, runtimeMs } = result;
    await this.write(executionId, owner, (head, at) => {
      assertTransition(executionId, head.status, status);
      return {
        head: { ...result, status, finishedAt: at, lease: null },
        events: [statusEvent(head.status, status), { type: 'completed', data: { status, model, metrics, runtimeMs } }],
      };
    });
  }

  private async endWithout(
    executionId: string,
    owner: string,
    status: 'FAILED' | 'CANCELLED',
    facts: RunFacts,
    error: ExecutionError,
  ): Promise<void> {
    await this.write(executionId, owner, (head, at) => {
      assertTransition(executionId, head.status, status);
      return {
        head: { ...known(facts), status, error, finishedAt: at, lease: null },
        events: [statusEvent(head.status, status), { type: 'failed', data: { status, error } }],
      };
    });
  }

  /** A write of the owner: refused to anybody else, and carrying the newest progress along. */
  private async write(
    executionId: string,
    owner: string,
    decide: (head: ExecutionHead, at: string) => Change,
  ): Promise<ExecutionHead> {
    let head: ExecutionHead;
    try {
      head = await this.journal.write(executionId, (current, at) => {
        if (current.lease?.owner !== owner) throw leaseLost(executionId, owner);
        const change = decide(current, at);
        const held = this.held.get(executionId);
        if (held?.owner !== owner || held.progress === null) return change;
        held.snapshotAt = this.clock.now();
        return { ...change, head: { progress: held.progress, progressAt: held.progressAt, ...change.head } };
      });
    } catch (error) {
      if (error instanceof TrainyardError && error.code === 'CONFLICT') this.drop(executionId, owner);
      throw error;
    }
    const held = this.held.get(executionId);
    if (held?.owner === owner) held.sequence = head.sequence;
    if (head.lease?.owner !== owner) this.drop(executionId, owner);
    else if (head.cancelRequested) this.signals.cancelRequested.send(executionId);
    return head;
  }

  private drop(executionId: string, owner: string): void {
    if (this.held.get(executionId)?.owner === owner) this.held.delete(executionId);
  }

  private newLease(owner: string): ExecutionHead['lease'] {
    return { owner, expiresAt: this.clock.now() + this.config.training.leaseMs };
  }
}

function statusEvent(from: ExecutionStatus | null, status: ExecutionStatus): NewExecutionEvent {
  return { type: 'status', data: { from, status } };
}

function leaseLost(executionId: string, owner: string): TrainyardError {
  return new TrainyardError(
    'CONFLICT',
    `${owner} does not hold the lease of execution ${executionId} (any more): stop the training, its writes are refused`,
    { executionId, owner },
  );
}

/** A fact that is not known yet does not erase an earlier one. */
function known(facts: RunFacts): RunFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function shorten(message: string): string {
  if (message.length <= MESSAGE_CHARACTERS) return message;
  const kept = message.slice(0, MESSAGE_CHARACTERS);
  return `${kept}… (${message.length - MESSAGE_CHARACTERS} more characters)`;
}

function finite(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : value;
}
