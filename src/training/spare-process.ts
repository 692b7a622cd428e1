import { TrainingProcess } from './training-process.js';
import type { WorkerOptions } from './training-thread.js';

/** A service that has not trained for this long gives the memory of its spare process back. */
const IDLE_MS = 300_000;

/**
 * At most one process that waits for a job with its modules loaded. Starting Node and loading them is the larger part of
 * a short training. A process that is taken is never put back.
 */
export class SpareProcess {
  private waiting: TrainingProcess | null = null;
  private idleTimer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(
    private readonly options: WorkerOptions,
    private readonly idleMs = IDLE_MS,
  ) {}

  /** Sees to it that one is waiting. */
  provide(): void {
    if (this.isClosed) return;
    if (this.idleTimer !== null) clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => void this.drop(), this.idleMs).unref();
    if (this.waiting !== null && !this.waiting.isGone) return;
    this.waiting = new TrainingProcess(this.options);
    this.waiting.keepAlive(false);
  }

  /** The one that waits, or a new one. */
  take(): TrainingProcess {
    const { waiting } = this;
    this.waiting = null;
    return waiting === null || waiting.isGone ? new TrainingProcess(this.options) : waiting;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.drop();
  }

  private async drop(): Promise<void> {
    if (this.idleTimer !== null) clearTimeout(this.idleTimer);
    const { waiting } = this;
    this.waiting = null;
    await waiting?.kill();
  }
}
