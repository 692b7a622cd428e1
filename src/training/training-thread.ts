import { Worker } from 'node:worker_threads';
import { workerDied, type TrainingWorker, type WorkerListener } from './running-training.js';
import { transferableBuffers } from './transferable-buffers.js';
import type { ThreadJob, TrainingJob, TrainingMessage } from './worker/protocol.js';

export interface WorkerOptions {
  readonly entry: URL;
  /** JavaScript heap of one worker; series and tensors live outside it. */
  readonly maxHeapMb: number;
}

/** A worker that has delivered ends by itself; one whose engine keeps a handle open is ended after this. */
const LINGER_MS = 2_000;
const CANCEL = 1;

/**
 * One training in a worker thread. Cancelling is a flag in shared memory, since a message does not reach a busy loop.
 * Never for an engine with native code: ending a thread inside of it ends the whole process.
 */
export class TrainingThread implements TrainingWorker {
  readonly gone: Promise<void>;
  private readonly cancelFlag = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  private readonly worker: Worker;
  private cause: Error | null = null;

  /** The buffers of `job.prepared` are moved to the thread and are empty afterwards. */
  constructor(job: TrainingJob, { entry, maxHeapMb }: WorkerOptions, listener: WorkerListener) {
    const workerData: ThreadJob = { ...job, cancelFlag: this.cancelFlag };
    this.worker = new Worker(entry, {
      workerData,
      transferList: transferableBuffers(job.prepared),
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
      name: `training ${job.executionId}`,
    });
    this.worker.on('message', (message: TrainingMessage) => listener.hear(message));
    this.worker.on('messageerror', (error: Error) => (this.cause = error));
    this.worker.on('error', (error: Error) => (this.cause = error));
    this.gone = new Promise((resolve) => {
      this.worker.on('exit', (exitCode) => {
        const { cause } = this;
        const isOutOfHeap = cause !== null && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
        const reason = cause?.message ?? null;
        listener.died(workerDied({ kind: 'thread', exitCode, signal: null, maxHeapMb, isOutOfHeap, reason, cause }));
        resolve();
      });
    });
  }

  requestCancel(): void {
    Atomics.store(new Int32Array(this.cancelFlag), 0, CANCEL);
  }

  async kill(): Promise<void> {
    await this.worker.terminate();
  }

  release(): void {
    setTimeout(() => void this.worker.terminate(), LINGER_MS).unref();
    this.worker.unref();
  }
}
