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
import { Pace } from './pace.js';
import { PacedWrite } from './paced-write.js';

export const CHECKPOINT_ARTIFACT = 'checkpoint.json';

interface PendingCheckpoint {
  readonly checkpoint: TrainingCheckpoint;
  readonly elapsedMs: number;
}

/** What a training says is stored together once a second: written one by one it takes more time than the epochs do. */
const STORE_MS = 1_000;
/** Checkpoints that come faster replace each other: after a crash this much is trained again, at most. */
const CHECKPOINT_MS = 3_000;

/**
 * Everything that one run writes about itself. Writes are not awaited one by one, so that a slow database never slows
 * a training; the first one that is refused ends the run through `onRefused`, and nothing is written after it.
 */
export class ExecutionRecord {
  private waiting: (() => Promise<void>)[] = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly storing = new Pace(STORE_MS, () => this.begin());
  private newestCheckpoint: PendingCheckpoint | null = null;
  private readonly checkpoints = new PacedWrite(CHECKPOINT_MS, () => this.writeCheckpoint());
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
    this.store();
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

  /** Keeps the newest checkpoint only: those that come before it is its turn replace each other. */
  checkpoint(checkpoint: TrainingCheckpoint, elapsedMs: number): void {
    if (!this.keepsCheckpoints || this.refusal !== null) return;
    this.newestCheckpoint = { checkpoint, elapsedMs };
    this.checkpoints.ask();
  }

  /** Resolves when the next checkpoint is durable, which is written as soon as it comes. */
  nextCheckpoint(): Promise<void> {
    return new Promise((resolve) => {
      this.checkpointListeners.add(resolve);
      this.checkpoints.hurry();
    });
  }

  /** Deletes the checkpoint, and takes none any more: a training that is being ended may still send some. */
  async dropCheckpoint(): Promise<void> {
    this.keepsCheckpoints = false;
    await this.checkpoints.cancel();
    await this.settled();
    await this.artifacts.delete(this.execution.executionId, CHECKPOINT_ARTIFACT);
  }

  /** Waits until all that was recorded is durable; throws what refused a write. */
  async flush(): Promise<void> {
    await this.settled();
    if (this.refusal !== null) throw this.refusal;
  }

  /** Begins to write what waits, ahead of what the ledger is told next. */
  store(): void {
    this.storing.now();
  }

  /** Drops what waits: whatever is written from now on would fall into somebody else's run. */
  discard(): void {
    this.waiting = [];
    this.storing.stop();
    void this.checkpoints.cancel();
  }

  /** Waits until nothing waits and no write is under way, whatever became of them. */
  private async settled(): Promise<void> {
    await this.checkpoints.flush();
    await this.stored();
  }

  private async stored(): Promise<void> {
    this.store();
    await Promise.all(this.pending);
  }

  private begin(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const action of waiting) {
      const written = action().then(
        () => void this.pending.delete(written),
        (error: unknown) => {
          this.pending.delete(written);
          this.refuse(error);
        },
      );
      this.pending.add(written);
    }
  }

  private async writeCheckpoint(): Promise<void> {
    if (this.newestCheckpoint === null) return;
    const { executionId, owner } = this.execution;
    const { checkpoint, elapsedMs } = this.newestCheckpoint;
    try {
      // A run that resumes here takes the epochs until here from the ledger.
      await this.stored();
      const content = encodeCheckpoint(checkpoint);
      await this.artifacts.write(executionId, CHECKPOINT_ARTIFACT, content, 'application/json');
      await this.ledger.checkpoint(executionId, owner, { epoch: checkpoint.epoch, elapsedMs });
      for (const listener of this.checkpointListeners) listener();
      this.checkpointListeners.clear();
    } catch (error) {
      this.refuse(error);
    }
  }

  private write(action: () => Promise<void>): void {
    if (this.refusal !== null) return;
    this.waiting.push(action);
    this.storing.soon();
  }

  private refuse(error: unknown): void {
    if (this.refusal !== null) return;
    this.refusal = error instanceof Error ? error : new Error(String(error));
    this.discard();
    this.onRefused(this.refusal);
  }
}
