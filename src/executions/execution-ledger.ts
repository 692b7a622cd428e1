import type { EpochRecord } from '../ml/algorithms/algorithm.js';
import type {
  ClaimedExecution,
  ExecutionProgress,
  ExecutionResult,
  LogLevel,
  RunFacts,
  RunningStatus,
} from './execution.js';

/**
 * What whoever runs executions writes to. One owner (`newId('own')`, one a process) holds a lease on each execution it
 * runs and renews it by `heartbeat`.
 *
 * Every write names its owner. When the lease has passed to somebody else, the write is refused with `CONFLICT` and
 * nothing is stored: the training must stop at once and must not write again. What a returned promise
 * has acknowledged is durable. Writes of one execution are applied in the order in which they were called; they need
 * not be awaited one by one, and calls made while an earlier write is under way are stored together.
 */
export abstract class ExecutionLedger {
  /**
   * Leases the oldest queued execution, now `PREPARING`; null when none waits. Two claimers never get the same one.
   * `attempt` > 1 or `checkpointEpoch` tell of an interruption; `runtimeMs` is what was spent up to the checkpoint.
   */
  abstract claimNext(owner: string): Promise<ClaimedExecution | null>;

  /** Renews the lease, at least every half of it. */
  abstract heartbeat(executionId: string, owner: string): Promise<{ readonly cancelRequested: boolean }>;

  /** To the next running status; `TRANSITION_ILLEGAL` otherwise. */
  abstract transition(executionId: string, owner: string, to: RunningStatus, facts?: RunFacts): Promise<void>;

  abstract log(executionId: string, owner: string, level: LogLevel, message: string): Promise<void>;

  abstract epoch(executionId: string, owner: string, record: EpochRecord): Promise<void>;

  /** Tells listeners at once; stored at most about once a second and with the next write. */
  abstract progress(executionId: string, owner: string, progress: ExecutionProgress): void;

  /**
   * After the bytes of a checkpoint are stored: from here an interruption resumes. Without `epoch` it is something else
   * than a training's epoch that is kept, the finished windows of a backtest.
   */
  abstract checkpoint(
    executionId: string,
    owner: string,
    checkpoint: { readonly epoch?: number; readonly elapsedMs: number },
  ): Promise<void>;

  /** Registered, with a result: `SUCCEEDED`. Ends the lease, as do the next four. */
  abstract complete(executionId: string, owner: string, result: ExecutionResult): Promise<void>;

  /** As `complete` for a training that its budget ended: `STOPPED`. */
  abstract stopped(executionId: string, owner: string, result: ExecutionResult): Promise<void>;

  /** An expected failure keeps its code; anything else is recorded as `INTERNAL` and logged with its stack. */
  abstract fail(executionId: string, owner: string, error: unknown, facts?: RunFacts): Promise<void>;

  /** The training has ended as requested. */
  abstract cancelled(executionId: string, owner: string, facts?: RunFacts): Promise<void>;

  /** Gives it back to the queue, for a shutdown; it resumes from its last checkpoint and this counts no failure. */
  abstract release(executionId: string, owner: string, reason: string): Promise<void>;

  /**
   * Queues executions whose owner is gone, with the interruption in their log. Gone is: the lease ran out (seen twice,
   * where the owner is one of this process: after a machine slept, a heartbeat may only be late); or, with the embedded
   * database, any owner that did not claim through this ledger, since that database has exactly one process. One that
   * dies too often without a new checkpoint fails with `INTERRUPTED_TOO_OFTEN`. Runs by itself at start and
   * periodically. Returns the ids that it queued or, dying too often, failed.
   */
  abstract requeueAbandoned(): Promise<string[]>;

  /** Called when an execution is queued, also again. Returns what ends the listening. */
  abstract onQueued(listener: (executionId: string) => void): () => void;

  /** Called when somebody wants a running execution to end; once or more, soon after, in the owner's process. */
  abstract onCancelRequested(listener: (executionId: string) => void): () => void;
}
