import type { ArtifactStore } from '../artifacts/index.js';
import type {
  ClaimedExecution,
  ExecutionLedger,
  ExecutionProgress,
  LogLevel,
  RunFacts,
  RunningStatus,
} from '../executions/index.js';
import type { EpochRecord, TrainingCheckpoint } from '../ml/algorithms/algorithm.js';
import { encodeCheckpoint } from '../ml/export/model-state-codec.js';

export const CHECKPOINT_ARTIFACT = 'checkpoint.json';

interface PendingCheckpoint {
  readonly checkpoint: TrainingCheckpoint;
  readonly elapsedMs: number;
}

/**
 * Everything that one run writes about itself. Writes are not awaited one by one, so that a slow database never slows
 * a training; the first one that is refused ends the run through `onRefused`, and nothing is written after it.
 */
export class ExecutionRecord {
  private readonly pending = new Set<Promise<void>>();
  private newestCheckpoint: PendingCheckpoint | null = null;
  private checkpointing: Promise<void> | null = null;
  private keepsCheckpoints = true;
  private refusal: Error | null = null;
  private readonly checkpointListeners = new Set<() => void>();

  constructor(
    private readonly execution: ClaimedExecution,
    private readonly ledger: ExecutionLedger,
    private readonly artifacts: ArtifactStore,
    private readonly onRefused: (error: Error) => void,
  ) {}

  transition(to: RunningStatus, facts: RunFacts): void {
    this.write(() => this.ledger.transition(this.execution.executionId, this.execution.owner, to, facts));
  }

  log(level: LogLevel, message: string): void {
    this.write(() => this.ledger.log(this.execution.executionId, this.execution.owner, level, message));
  }

  epoch(record: EpochRecord): void {
    this.write(() => this.ledger.epoch(this.execution.executionId, this.execution.owner, record));
  }

  progress(progress: ExecutionProgress): void {
    if (this.refusal === null) this.ledger.progress(this.execution.executionId, this.execution.owner, progress);
  }

  /** Keeps the newest checkpoint only: while one is written, those that come meanwhile replace each other. */
  checkpoint(checkpoint: TrainingCheckpoint, elapsedMs: number): void {
    if (!this.keepsCheckpoints) return;
    this.newestCheckpoint = { checkpoint, elapsedMs };
    this.checkpointing ??= this.writeCheckpoints();
  }

  /** Resolves when the next checkpoint is durable. */
  nextCheckpoint(): Promise<void> {
    return new Promise((resolve) => this.checkpointListeners.add(resolve));
  }

  /** Deletes the checkpoint, and takes none any more: a training that is being ended may still send some. */
  async dropCheckpoint(): Promise<void> {
    this.keepsCheckpoints = false;
    this.newestCheckpoint = null;
    await this.settled();
    await this.artifacts.delete(this.execution.executionId, CHECKPOINT_ARTIFACT);
  }

  /** Waits until all that was recorded is durable; throws what refused a write. */
  async flush(): Promise<void> {
    await this.settled();
    if (this.refusal !== null) throw this.refusal;
  }

  /** Waits until no write is under way, whatever became of them. */
  async settled(): Promise<void> {
    await this.checkpointing;
    await Promise.all(this.pending);
  }

  private async writeCheckpoints(): Promise<void> {
    const { executionId, owner } = this.execution;
    while (this.newestCheckpoint !== null && this.refusal === null) {
      const { checkpoint, elapsedMs } = this.newestCheckpoint;
      this.newestCheckpoint = null;
      try {
        const content = encodeCheckpoint(checkpoint);
        await this.artifacts.write(executionId, CHECKPOINT_ARTIFACT, content, 'application/json');
        await this.ledger.checkpoint(executionId, owner, { epoch: checkpoint.epoch, elapsedMs });
        for (const listener of this.checkpointListeners) listener();
        this.checkpointListeners.clear();
      } catch (error) {
        this.refuse(error);
      }
    }
    this.checkpointing = null;
  }

  private write(action: () => Promise<void>): void {
    if (this.refusal !== null) return;
    const written = action().then(
      () => void this.pending.delete(written),
      (error: unknown) => {
        this.pending.delete(written);
        this.refuse(error);
      },
    );
    this.pending.add(written);
  }

  private refuse(error: unknown): void {
    if (this.refusal !== null) return;
    this.refusal = error instanceof Error ? error : new Error(String(error));
    this.onRefused(this.refusal);
  }
}
