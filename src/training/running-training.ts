import { TrainyardError, decodeError } from '../common/errors/index.js';
import type { TrainingMessage, TrainingNews, TrainingResult } from './worker/protocol.js';

export interface RunningTraining {
  /** Settles once: the result, the worker's error, `CANCELLED`, or `WORKER_DIED`. */
  readonly result: Promise<TrainingResult>;
  /** Asks the training to end. `result` is rejected with `CANCELLED` within `killAfterMs`. */
  cancel(): void;
  /** Ends the worker at once, whatever it does; `result` is rejected with `WORKER_DIED`. */
  kill(): Promise<void>;
}

/** What a training runs in: a thread or a process. It runs one training, and is never given another. */
export interface TrainingWorker {
  /** Resolves when it is gone, whatever way; never rejects. */
  readonly gone: Promise<void>;
  /** Lets the training see that it is cancelled, without waiting for it. */
  requestCancel(): void;
  /** Ends it by force; resolves when it is gone. */
  kill(): Promise<void>;
  /** It has delivered: it goes away, and until then does not keep this process alive. */
  release(): void;
}

export interface WorkerListener {
  hear(message: TrainingMessage): void;
  /** Said once, after the last message. */
  died(error: TrainyardError): void;
}

/**
 * A training and the worker it runs in. Whatever way the worker ends, the promise settles: with what it delivered, or
 * with `WORKER_DIED`.
 */
export class SupervisedTraining implements RunningTraining, WorkerListener {
  readonly result: Promise<TrainingResult>;
  private readonly worker: TrainingWorker;
  private resolve!: (result: TrainingResult) => void;
  private reject!: (error: Error) => void;
  private settled = false;
  private killTimer: NodeJS.Timeout | null = null;

  constructor(
    start: (listener: WorkerListener) => TrainingWorker,
    private readonly listener: (news: TrainingNews) => void,
    private readonly killAfterMs: number,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.worker = start(this);
  }

  get gone(): Promise<void> {
    return this.worker.gone;
  }

  cancel(): void {
    if (this.settled || this.killTimer !== null) return;
    this.worker.requestCancel();
    this.killTimer = setTimeout(() => {
      this.fail(new TrainyardError('CANCELLED', 'The training was cancelled; its worker did not answer and was ended'));
      void this.worker.kill();
    }, this.killAfterMs);
  }

  async kill(): Promise<void> {
    await this.worker.kill();
  }

  hear(message: TrainingMessage): void {
    if (this.settled) return;
    switch (message.type) {
      case 'result':
        this.settle(() => this.resolve(message.result));
        break;
      case 'failed':
        this.fail(decodeError(message.error));
        break;
      default:
        this.listener(message);
    }
  }

  died(error: TrainyardError): void {
    this.fail(error);
  }

  private fail(error: Error): void {
    this.settle(() => this.reject(error));
  }

  private settle(answer: () => void): void {
    if (this.settled) return;
    this.settled = true;
    if (this.killTimer !== null) clearTimeout(this.killTimer);
    this.worker.release();
    answer();
  }
}

export interface WorkerDeath {
  readonly kind: 'thread' | 'process';
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly maxHeapMb: number;
  readonly isOutOfHeap: boolean;
  /** In the worker's own words; null when it had none. */
  readonly reason: string | null;
  readonly cause: Error | null;
}

export function workerDied(death: WorkerDeath): TrainyardError {
  const { kind, exitCode, signal, maxHeapMb, isOutOfHeap, cause } = death;
  const how = signal === null ? `ended with exit code ${exitCode}` : `was ended by the signal ${signal}`;
  const why = isOutOfHeap
    ? `it needed more than its ${maxHeapMb} MB of heap; use fewer windows or a smaller model`
    : (death.reason ?? 'it gave no reason');
  return new TrainyardError(
    'WORKER_DIED',
    `The training worker (a ${kind}) ${how} before it delivered a result: ${why}`,
    { exitCode, signal, maxHeapMb },
    { cause },
  );
}
