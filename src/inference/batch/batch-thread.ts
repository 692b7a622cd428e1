import { Worker } from 'node:worker_threads';
import { TrainyardError, decodeError } from '../../common/errors/index.js';
import type { BatchColumn, BatchCounts, BatchJob, BatchMessage, BatchOrder, SkippedOrigin } from './protocol.js';

const ENTRY = new URL('./main.js', import.meta.url);
const CANCEL = 1;

export interface BatchListener {
  progress(counts: BatchCounts): void;
  /** Blocks come in order; the next is told when this one is kept. */
  block(columns: readonly BatchColumn[]): Promise<void>;
}

export interface BatchEnd {
  readonly counts: BatchCounts;
  readonly firstSkipped: SkippedOrigin | null;
}

/**
 * A batch forecast in a thread of its own. It is cancelled by a flag and never ended from outside: an engine may be in
 * native code, where that would end the service.
 */
export class BatchThread {
  private readonly cancelFlag = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);

  /** `WORKER_DIED` when it ends without an answer; what it fails with; `CANCELLED`. */
  async run(order: BatchOrder, listener: BatchListener): Promise<BatchEnd> {
    const job: BatchJob = { ...order, cancelFlag: this.cancelFlag };
    const worker = new Worker(ENTRY, { workerData: job });
    let kept: Promise<void> = Promise.resolve();
    const end = new Promise<BatchEnd>((resolve, reject) => {
      worker.on('message', (message: BatchMessage) => {
        switch (message.type) {
          case 'progress':
            listener.progress(message.counts);
            return;
          case 'block':
            kept = kept.then(() => listener.block(message.columns));
            kept.catch(() => this.cancel());
            return;
          case 'done':
            resolve({ counts: message.counts, firstSkipped: message.firstSkipped });
            return;
          case 'failed':
            reject(decodeError(message.error));
        }
      });
      worker.once('error', reject);
      worker.once('exit', (code) => {
        reject(new TrainyardError('WORKER_DIED', `The thread of the batch forecast ended with code ${code}`, { code }));
      });
    });
    try {
      return await end;
    } finally {
      // What could not be kept is the reason, and not the cancellation that it caused.
      await kept;
    }
  }

  cancel(): void {
    Atomics.store(new Int32Array(this.cancelFlag), 0, CANCEL);
  }
}
