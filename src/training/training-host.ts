import { Worker } from 'node:worker_threads';
import { TrainyardError, decodeError } from '../common/errors/index.js';
import { transferableBuffers } from './transferable-buffers.js';
import type { TrainingJob, TrainingMessage, TrainingNews, TrainingResult } from './worker/protocol.js';

export interface TrainingHostOptions {
  /** A worker that has not answered a cancel by then is ended by force. */
  readonly killAfterMs?: number;
  /** JavaScript heap of one worker; series and tensors live outside it. */
  readonly maxHeapMb?: number;
  readonly entry?: URL;
}

export interface RunningTraining {
  /** Settles once: the result, the worker's error, `CANCELLED`, or `WORKER_DIED`. */
  readonly result: Promise<TrainingResult>;
  /** Asks the training to end. `result` is rejected with `CANCELLED` within `killAfterMs`. */
  cancel(): void;
  /** Ends the worker at once, whatever it does; `result` is rejected with `WORKER_DIED`. */
  kill(): Promise<void>;
}

const ENTRY = new URL('./worker/main.js', import.meta.url);
/** Leaves room below the second within which a cancel is promised to be answered. */
const KILL_AFTER_MS = 800;
const MAX_HEAP_MB = 2048;
/** A worker that has delivered ends by itself; one whose engine keeps a handle open is ended after this. */
const LINGER_MS = 2_000;
const CANCEL = 1;

/**
 * Runs each training in a worker thread of its own. Cancelling is a flag in shared memory, since a message does not
 * reach a busy loop. Whatever way a worker ends, its promise settles: with what it delivered, or with `WORKER_DIED`.
 */
export class TrainingHost {
  private readonly running = new Set<TrainingThread>();
  private readonly killAfterMs: number;
  private readonly maxHeapMb: number;
  private readonly entry: URL;

  constructor(options: TrainingHostOptions = {}) {
    this.killAfterMs = options.killAfterMs ?? KILL_AFTER_MS;
    this.maxHeapMb = options.maxHeapMb ?? MAX_HEAP_MB;
    this.entry = options.entry ?? ENTRY;
  }

  /** Starts a training. The buffers of `job.prepared` are moved to the worker and are empty afterwards. */
  start(job: Omit<TrainingJob, 'cancelFlag'>, listener: (news: TrainingNews) => void): RunningTraining {
    const thread = new TrainingThread(job, listener, this.entry, this.maxHeapMb, this.killAfterMs);
    this.running.add(thread);
    const forget = (): void => void this.running.delete(thread);
    thread.result.then(forget, forget);
    return thread;
  }

  /** Ends every worker by force. */
  async close(): Promise<void> {
    await Promise.all([...this.running].map((thread) => thread.kill()));
  }
}

class TrainingThread implements RunningTraining {
  readonly result: Promise<TrainingResult>;
  private readonly cancelFlag = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  private readonly worker: Worker;
  private resolve!: (result: TrainingResult) => void;
  private reject!: (error: Error) => void;
  private cause: Error | null = null;
  private settled = false;
  private killTimer: NodeJS.Timeout | null = null;

  constructor(
    job: Omit<TrainingJob, 'cancelFlag'>,
    private readonly listener: (news: TrainingNews) => void,
    entry: URL,
    private readonly maxHeapMb: number,
    private readonly killAfterMs: number,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    const workerData: TrainingJob = { ...job, cancelFlag: this.cancelFlag };
    this.worker = new Worker(entry, {
      workerData,
      transferList: transferableBuffers(job.prepared),
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
      name: `training ${job.executionId}`,
    });
    this.worker.on('message', (message: TrainingMessage) => this.receive(message));
    this.worker.on('messageerror', (error: Error) => (this.cause = error));
    this.worker.on('error', (error: Error) => (this.cause = error));
    this.worker.on('exit', (exitCode) => this.fail(this.died(exitCode)));
  }

  cancel(): void {
    if (this.settled || this.killTimer !== null) return;
    const flag = new Int32Array(this.cancelFlag);
    Atomics.store(flag, 0, CANCEL);
    this.killTimer = setTimeout(() => {
      this.fail(new TrainyardError('CANCELLED', 'The training was cancelled; its worker did not answer and was ended'));
      void this.worker.terminate();
    }, this.killAfterMs);
  }

  async kill(): Promise<void> {
    await this.worker.terminate();
  }

  private receive(message: TrainingMessage): void {
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

  private fail(error: Error): void {
    this.settle(() => this.reject(error));
  }

  private settle(answer: () => void): void {
    if (this.settled) return;
    this.settled = true;
    if (this.killTimer !== null) clearTimeout(this.killTimer);
    setTimeout(() => void this.worker.terminate(), LINGER_MS).unref();
    this.worker.unref();
    answer();
  }

  private died(exitCode: number): TrainyardError {
    const code = this.cause !== null && 'code' in this.cause ? this.cause.code : null;
    const why =
      code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? `it needed more than its ${this.maxHeapMb} MB of heap; use fewer windows or a smaller model`
        : (this.cause?.message ?? 'it gave no reason');
    return new TrainyardError(
      'WORKER_DIED',
      `The training worker ended with exit code ${exitCode} before it delivered a result: ${why}`,
      { exitCode, maxHeapMb: this.maxHeapMb },
      { cause: this.cause },
    );
  }
}
