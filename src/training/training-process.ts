import { fork, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { sendJob } from './job-transfer.js';
import { workerDied, type TrainingWorker, type WorkerListener } from './running-training.js';
import type { WorkerOptions } from './training-thread.js';
import type { CancelMessage, TrainingJob, TrainingMessage } from './worker/protocol.js';

/** Of standard error; what V8 writes when its heap is full is about this long. */
const ERROR_TEXT_LENGTH = 8_000;
const REASON_LENGTH = 600;
/** Between the end of the process, or of its channel, and the end of both: they come together unless something hangs. */
const STRAGGLE_MS = 2_000;
const JOB_PIPE = 4;

/**
 * All that a training gets of the service's environment: where programs, libraries and temporary files are, and the
 * time zone. Keys and passwords stay out.
 */
const ENVIRONMENT = [
  ...['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'TZ', 'LANG', 'LC_ALL'],
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'],
];

/** One thread a training. TensorFlow takes all cores otherwise, is slower on small networks, and rounds by their number. */
const TENSORFLOW = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', TF_CPP_MIN_LOG_LEVEL: '2' };

/**
 * glibc gives each thread a heap of its own, and what one of them has freed is of no use to the others: the thread that
 * draws would cost 40 MiB, of which this gives back 30.
 */
const ONE_HEAP = { MALLOC_ARENA_MAX: '1' };

/**
 * One training in a process of its own, for engines with native code: a process can be ended, or crash, inside of it
 * without harm to the service. It is begun without a job, so that it can load what every training needs while the job
 * is being prepared. Jobs go through a pipe of their own (see `job-transfer.ts`), everything else through the channel
 * between parent and child; the child ends when that closes, so it does not outlive us however we end.
 */
export class TrainingProcess implements TrainingWorker {
  readonly gone: Promise<void>;
  private readonly child: ChildProcess;
  private readonly maxHeapMb: number;
  private listener: WorkerListener | null = null;
  private errorText = '';
  private failure: Error | null = null;
  private hasGone = false;

  constructor({ entry, maxHeapMb }: WorkerOptions) {
    this.maxHeapMb = maxHeapMb;
    const child = fork(entry, [], {
      // Ours are for us: an inspector's port, or the loader of a test.
      execArgv: [`--max-old-space-size=${maxHeapMb}`],
      env: { ...Object.fromEntries(ENVIRONMENT.flatMap((name) => nameAndValue(name))), ...TENSORFLOW, ...ONE_HEAP },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    });
    this.child = child;
    // Absent when the process could not be started for want of file descriptors.
    const errors = child.stderr as Readable | null | undefined;
    errors?.setEncoding('utf8').on('data', (text: string) => {
      this.errorText = (this.errorText + text).slice(-ERROR_TEXT_LENGTH);
    });
    // The pipe breaks when the child dies while it is being given its job; how it died says more.
    this.jobPipe?.on('error', () => undefined);
    child.on('message', (message) => this.listener?.hear(message as TrainingMessage));
    this.gone = new Promise((resolve) => {
      const end = (): void => {
        this.end();
        resolve();
      };
      // Not `exit`: its last messages may still be on their way then.
      child.once('close', end);
      child.once('exit', () => void setTimeout(end, STRAGGLE_MS).unref());
      child.on('error', (error) => {
        this.failure ??= error;
        if (child.pid === undefined) end();
      });
    });
    child.once('disconnect', () => void setTimeout(() => child.kill('SIGKILL'), STRAGGLE_MS).unref());
  }

  get isGone(): boolean {
    return this.hasGone || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Hands over the job, once. The buffers of `job.prepared` are read until it has them: they belong to us now. */
  run(job: TrainingJob, listener: WorkerListener): void {
    if (this.listener !== null) throw new Error('a training process runs one training');
    this.listener = listener;
    this.keepAlive(true);
    if (this.hasGone) queueMicrotask(() => this.tellDeath());
    else if (this.jobPipe !== null) sendJob(this.jobPipe, job);
  }

  requestCancel(): void {
    const message: CancelMessage = { type: 'cancel' };
    // Refused when the child is gone, which is told by its end.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }

  /** It has nothing more to do that anybody would want: its memory is free at once. */
  release(): void {
    this.child.kill('SIGKILL');
    this.keepAlive(false);
  }

  /** Whether the child keeps this process alive. */
  keepAlive(isNeeded: boolean): void {
    for (const handle of [this.child, this.child.channel, this.child.stderr, this.jobPipe]) {
      const counted = handle as { ref?(): void; unref?(): void } | null | undefined;
      if (isNeeded) counted?.ref?.();
      else counted?.unref?.();
    }
  }

  private get jobPipe(): Writable | null {
    const streams = this.child.stdio as readonly (Readable | Writable | null | undefined)[] | undefined;
    return (streams?.[JOB_PIPE] as Writable | null | undefined) ?? null;
  }

  private end(): void {
    if (this.hasGone) return;
    this.hasGone = true;
    this.child.stderr?.destroy();
    this.jobPipe?.destroy();
    this.tellDeath();
  }

  private tellDeath(): void {
    const { child, failure, maxHeapMb, errorText } = this;
    this.listener?.died(
      workerDied({
        kind: 'process',
        exitCode: child.exitCode,
        signal: child.signalCode,
        maxHeapMb,
        isOutOfHeap: errorText.includes('JavaScript heap out of memory'),
        reason: failure?.message ?? lastWords(errorText) ?? reasonOf(child.signalCode),
        cause: failure,
      }),
    );
  }
}

function nameAndValue(name: string): [string, string][] {
  const value = process.env[name];
  return value === undefined ? [] : [[name, value]];
}

/** Of stack traces in JavaScript and native code, and what Node adds to them. */
const STACK_LINE = /^(at |\d+: 0x|----- |Node\.js v|\^+$)/;
const LAST_WORDS = 4;

/** The end of what it wrote to standard error, without stack traces. */
function lastWords(errorText: string): string | null {
  const lines = errorText.split('\n').map((line) => line.trim());
  const words = lines.filter((line) => line !== '' && !STACK_LINE.test(line));
  return words.length === 0 ? null : words.slice(-LAST_WORDS).join(' | ').slice(-REASON_LENGTH);
}

function reasonOf(signal: NodeJS.Signals | null): string | null {
  return signal === 'SIGKILL' ? 'the system does this when its memory runs out, otherwise somebody did' : null;
}
