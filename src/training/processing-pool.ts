import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import { assemblePreparedFrames, type FeatureColumns, type FeatureTask } from '../ml/processing/compute-features.js';
import type { PreparedFrames } from '../ml/processing/prepared-frames.js';
import type { ProcessingPlan } from '../ml/processing/processing-plan.js';
import { answerProcessing } from './answer-processing.js';
import { ProcessingThreads } from './processing-threads.js';
import type { ProcessingAnswer, ProcessingTask } from './worker/protocol.js';

export interface ProcessingPoolOptions {
  /** Threads, usually one per core. */
  readonly size: number;
  /** Tasks on fewer values than this are done here; see `INLINE_VALUES`. */
  readonly inlineValues?: number;
  readonly entry?: URL;
}

/**
 * Values that a task may touch to be done on the calling thread: about 2 ms of work, less than it takes to copy them
 * to a thread and back, and short enough for the event loop.
 */
const INLINE_VALUES = 50_000;

/**
 * Makes prepared frames of raw ones: aligns, imputes small gaps, and computes the features of all assets in parallel.
 * The result is the same bytes on one thread, on many, and without any.
 */
export class ProcessingPool {
  private readonly threads: ProcessingThreads;
  private readonly inlineValues: number;

  constructor(options: ProcessingPoolOptions) {
    this.threads = new ProcessingThreads(options.size, options.entry);
    this.inlineValues = options.inlineValues ?? INLINE_VALUES;
  }

  /** The frames stay as they are; `WORKER_DIED` when a thread ends over them. */
  async prepare(plan: ProcessingPlan, frames: readonly AssetFrame[]): Promise<PreparedFrames> {
    const { series, filled, tasks } = await this.align(plan, frames);
    const computed = await Promise.all(tasks.map((task) => this.compute(task)));
    return assemblePreparedFrames(series, filled, tasks, computed);
  }

  async close(): Promise<void> {
    await this.threads.close();
  }

  private async align(
    plan: ProcessingPlan,
    frames: readonly AssetFrame[],
  ): Promise<Extract<ProcessingAnswer, { type: 'aligned' }>> {
    const values = frames.reduce((sum, { frame }) => sum + frame.times.length * (frame.columns.length + 1), 0);
    const answer = await this.answer({ type: 'align', plan, frames }, values);
    if (answer.type !== 'aligned') throw new Error(`an alignment was answered with ${answer.type}`);
    return answer;
  }

  private async compute(task: FeatureTask): Promise<FeatureColumns> {
    const answer = await this.answer({ type: 'features', task }, task.times.length * task.features.length);
    if (answer.type !== 'columns') throw new Error(`a feature task was answered with ${answer.type}`);
    return answer.computed;
  }

  private async answer(task: ProcessingTask, values: number): Promise<ProcessingAnswer> {
    if (values >= this.inlineValues) return this.threads.run(task);
    // Many small tasks in a row are a long one: other work is let through between them.
    await nextTurn();
    // As a thread would get it: what comes out shares no memory with what went in.
    return answerProcessing(structuredClone(task));
  }
}
