import { Worker } from 'node:worker_threads';
import { TrainyardError, decodeError } from '../common/errors/index.js';
import { transferableBuffers } from './transferable-buffers.js';
import type { ProcessingAnswer, ProcessingRequest, ProcessingResponse, ProcessingTask } from './worker/protocol.js';

interface PendingTask {
  readonly request: ProcessingRequest;
  readonly moveBuffers: boolean;
  resolve(answer: ProcessingAnswer): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  current: PendingTask | null;
  /** What the thread threw before it exited. */
  cause: Error | null;
}

const ENTRY = new URL('./worker/processing.js', import.meta.url);

/**
 * A fixed number of warm threads that each work on one task at a time; tasks wait in order of arrival. When a thread
 * exits, its task is rejected with `WORKER_DIED` and a fresh thread takes the next one: a task is never tried twice,
 * since it may be what killed the thread. Idle threads do not keep the process alive.
 */
export class ProcessingThreads {
  private readonly threads = new Set<Thread>();
  private readonly waiting: PendingTask[] = [];
  private lastId = 0;
  private closed = false;

  constructor(
    private readonly size: number,
    private readonly entry: URL = ENTRY,
  ) {}

  /** With `moveBuffers`, the task's buffers are moved instead of copied and are empty afterwards. */
  run(task: ProcessingTask, moveBuffers = false): Promise<ProcessingAnswer> {
    if (this.closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      this.lastId += 1;
      this.waiting.push({ request: { id: this.lastId, task }, moveBuffers, resolve, reject });
      this.assign();
    });
  }

  /** Rejects what waits or runs, and ends the threads. */
  async close(): Promise<void> {
    this.closed = true;
    for (const pending of this.waiting.splice(0)) pending.reject(closedError());
    await Promise.all(
      [...this.threads].map(async (thread) => {
        thread.current?.reject(closedError());
        thread.current = null;
        await thread.worker.terminate();
      }),
    );
  }

  private assign(): void {
    while (this.waiting.length > 0) {
      const thread = this.idleThread();
      if (thread === null) return;
      const pending = this.waiting.shift() as PendingTask;
      thread.current = pending;
      thread.worker.ref();
      const transfer = pending.moveBuffers ? transferableBuffers(pending.request.task) : [];
      thread.worker.postMessage(pending.request, transfer);
    }
  }

  private idleThread(): Thread | null {
    for (const thread of this.threads) if (thread.current === null) return thread;
    return this.threads.size < this.size ? this.start() : null;
  }

  private start(): Thread {
    const thread: Thread = { worker: new Worker(this.entry), current: null, cause: null };
    this.threads.add(thread);
    thread.worker.on('message', (response: ProcessingResponse) => this.settle(thread, response));
    thread.worker.on('error', (error: Error) => (thread.cause = error));
    thread.worker.on('exit', (exitCode) => this.lose(thread, exitCode));
    return thread;
  }

  private settle(thread: Thread, response: ProcessingResponse): void {
    const pending = thread.current;
    if (pending === null || pending.request.id !== response.id) return;
    thread.current = null;
    thread.worker.unref();
    if (response.type === 'failed') pending.reject(decodeError(response.error));
    else pending.resolve(response.answer);
    this.assign();
  }

  private lose(thread: Thread, exitCode: number): void {
    this.threads.delete(thread);
    thread.current?.reject(
      new TrainyardError(
        'WORKER_DIED',
        `A processing thread ended with exit code ${exitCode} while it worked on ${describe(thread.current.request.task)}${
          thread.cause === null ? '' : `: ${thread.cause.message}`
        }. Start the execution again; if it repeats, use fewer rows or features`,
        { exitCode },
        { cause: thread.cause },
      ),
    );
    thread.current = null;
    if (!this.closed) this.assign();
  }
}

function describe(task: ProcessingTask): string {
  return task.type === 'align'
    ? `the alignment of ${task.frames.length} assets`
    : `the features of ${task.task.asset ?? 'the time axis'}`;
}

function closedError(): TrainyardError {
  return new TrainyardError(
    'WORKER_DIED',
    'The processing pool was closed; the execution is queued again at the next start',
  );
}
