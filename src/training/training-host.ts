import { getStrategy } from './ml-strategy.js';
import { SupervisedTraining, type RunningTraining } from './running-training.js';
import { SpareProcess } from './spare-process.js';
import { TrainingThread } from './training-thread.js';
import type { TrainingJob, TrainingNews } from './worker/protocol.js';

export interface TrainingHostOptions {
  /** A worker that has not answered a cancel by then is ended by force. */
  readonly killAfterMs?: number;
  /** JavaScript heap of one worker; series and tensors live outside it. */
  readonly maxHeapMb?: number;
  readonly threadEntry?: URL;
  readonly processEntry?: URL;
  /** How long a spare process waits for a job. */
  readonly spareIdleMs?: number;
}

/** What decides where a training runs. */
export type PlacedJob = Pick<TrainingJob, 'algorithm' | 'engine'>;

const THREAD_ENTRY = new URL('./worker/thread-entry.js', import.meta.url);
const PROCESS_ENTRY = new URL('./worker/process-entry.js', import.meta.url);
/** Leaves room below the second within which a cancel is promised to be answered. */
const KILL_AFTER_MS = 800;
const MAX_HEAP_MB = 2048;
/** All others run native code, or may choose to. */
const ENGINES_WITHOUT_NATIVE_CODE: ReadonlySet<string> = new Set(['onnx-web', 'tfjs-wasm']);

/**
 * Runs each training in a worker of its own: networks on an engine with native code in a process, everything else in a
 * thread, which starts sooner and shares the service's memory.
 */
export class TrainingHost {
  private readonly running = new Set<SupervisedTraining>();
  private readonly killAfterMs: number;
  private readonly maxHeapMb: number;
  private readonly threadEntry: URL;
  private readonly spare: SpareProcess;

  constructor(options: TrainingHostOptions = {}) {
    this.killAfterMs = options.killAfterMs ?? KILL_AFTER_MS;
    this.maxHeapMb = options.maxHeapMb ?? MAX_HEAP_MB;
    this.threadEntry = options.threadEntry ?? THREAD_ENTRY;
    const entry = options.processEntry ?? PROCESS_ENTRY;
    this.spare = new SpareProcess({ entry, maxHeapMb: this.maxHeapMb }, options.spareIdleMs);
  }

  /** Says that such a job is being prepared: a process for it starts meanwhile. */
  expect(job: PlacedJob): void {
    if (needsProcess(job)) this.spare.provide();
  }

  /**
   * Starts a training. `job.prepared` belongs to the worker from now on: its buffers are moved to a thread and empty
   * afterwards, or read while they are sent to a process. `ALGORITHM_UNKNOWN` for one that is not in the list.
   */
  start(job: TrainingJob, listener: (news: TrainingNews) => void): RunningTraining {
    const inProcess = needsProcess(job);
    const training = new SupervisedTraining(
      (ears) => {
        if (!inProcess) {
          return new TrainingThread(job, { entry: this.threadEntry, maxHeapMb: this.maxHeapMb }, ears);
        }
        const worker = this.spare.take();
        worker.run(job, ears);
        return worker;
      },
      listener,
      this.killAfterMs,
    );
    this.running.add(training);
    void training.gone.then(() => {
      this.running.delete(training);
      if (inProcess) this.spare.provide();
    });
    return training;
  }

  /** Ends every worker by force. */
  async close(): Promise<void> {
    await Promise.all([this.spare.close(), ...[...this.running].map((training) => training.kill())]);
  }
}

function needsProcess({ algorithm, engine }: PlacedJob): boolean {
  return getStrategy(algorithm.name).trainsNetwork && !ENGINES_WITHOUT_NATIVE_CODE.has(engine);
}
