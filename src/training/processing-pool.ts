import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '../common/clock.js';
import { getFeatureStep } from '../ml/features/feature-steps.js';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import { assemblePreparedFrames, namedColumns } from '../ml/processing/compute-features.js';
import type { BlockAddress } from '../ml/processing/feature-address.js';
import { blockRequests, type BlockRequest, type FeatureBlock } from '../ml/processing/feature-blocks.js';
import type { FeatureTask } from '../ml/processing/feature-task.js';
import type { PreparedFrames } from '../ml/processing/prepared-frames.js';
import type { ProcessingPlan } from '../ml/processing/processing-plan.js';
import { answerProcessing } from './answer-processing.js';
import { ProcessingThreads } from './processing-threads.js';
import type { BlockOrder, ProcessingAnswer, ProcessingTask, TimedBlock } from './worker/protocol.js';

export interface ProcessingPoolOptions {
  /** Threads, usually one per core. */
  readonly size: number;
  /** Tasks on fewer values than this are done here; see `INLINE_VALUES`. */
  readonly inlineValues?: number;
  readonly entry?: URL;
}

/** Where the pool looks for blocks before it computes them: the feature store, reading. It never throws. */
export interface BlockSource {
  /** Numbers of rows that the axis of such a plan had before; newest first, few. */
  earlierRows(plan: ProcessingPlan): Promise<readonly number[]>;
  /** For each of `wanted` the first of its addresses that there is a whole block at, or null. */
  find(wanted: readonly (readonly string[])[]): Promise<readonly (FoundBlock | null)[]>;
}

export interface FoundBlock {
  readonly address: string;
  readonly block: FeatureBlock;
}

/** A block of the prepared frames, with where it came from. */
export interface PreparedBlock {
  readonly asset: string | null;
  readonly request: BlockRequest;
  readonly address: string;
  readonly block: FeatureBlock;
  /** `stored`: as it was in the store; `extended`: an earlier one and the rows after it; `computed`: all its rows. */
  readonly origin: 'stored' | 'extended' | 'computed';
  readonly computedRows: number;
  readonly computeMs: number;
}

export interface Preparation {
  readonly prepared: PreparedFrames;
  /** In the order of the feature columns. */
  readonly blocks: readonly PreparedBlock[];
  readonly addresses: readonly (readonly BlockAddress[])[];
  /** Computing what was missing, from the first order to the last answer. */
  readonly computeMs: number;
}

/** A block of the plan before and after it is there. */
interface BlockWork {
  readonly task: FeatureTask;
  readonly request: BlockRequest;
  readonly found: FoundBlock | null;
  readonly address: string;
}

/**
 * Values that a task may touch to be done on the calling thread: about 2 ms of work, less than it takes to copy them
 * to a thread and back, and short enough for the event loop.
 */
const INLINE_VALUES = 50_000;

/**
 * Makes prepared frames of raw ones: aligns, imputes small gaps, and computes the features of all assets in parallel.
 * The result is the same bytes on one thread, on many, and without any, and whether blocks come from a store or not.
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
    return (await this.prepareFrom(null, plan, frames)).prepared;
  }

  /** As `prepare`; only what `source` does not have is computed. */
  async prepareFrom(
    source: BlockSource | null,
    plan: ProcessingPlan,
    frames: readonly AssetFrame[],
  ): Promise<Preparation> {
    const earlierRows = source === null ? null : await source.earlierRows(plan);
    const { series, filled, tasks, addresses } = await this.align(plan, frames, earlierRows);
    const works = await findBlocks(source, tasks, addresses);
    const begin = systemClock.now();
    const perTask = await Promise.all(works.map((ofTask) => this.complete(ofTask)));
    const computeMs = systemClock.now() - begin;
    const columns = perTask.map((blocks, at) =>
      namedColumns(
        tasks[at]!,
        blocks.map(({ request }) => request),
        blocks.map(({ block }) => block),
      ),
    );
    return {
      prepared: assemblePreparedFrames(series, filled, tasks, columns),
      blocks: perTask.flat(),
      addresses,
      computeMs,
    };
  }

  async close(): Promise<void> {
    await this.threads.close();
  }

  private async align(
    plan: ProcessingPlan,
    frames: readonly AssetFrame[],
    earlierRows: readonly number[] | null,
  ): Promise<Extract<ProcessingAnswer, { type: 'aligned' }>> {
    const values = frames.reduce((sum, { frame }) => sum + frame.times.length * (frame.columns.length + 1), 0);
    const answer = await this.answer({ type: 'align', plan, frames, earlierRows }, values);
    if (answer.type !== 'aligned') throw new Error(`an alignment was answered with ${answer.type}`);
    return answer;
  }

  /** The blocks of one task: those that were found as they are, the others computed. */
  private async complete(works: readonly BlockWork[]): Promise<PreparedBlock[]> {
    const missing = works.filter(({ found, address }) => found?.address !== address);
    const groups = [...missing.filter(isCostly).map((work) => [work]), missing.filter((work) => !isCostly(work))];
    const made = new Map<BlockWork, TimedBlock>();
    await Promise.all(
      groups.map(async (group) => {
        const timed = await this.compute(group);
        group.forEach((work, at) => made.set(work, timed[at]!));
      }),
    );
    return works.map((work) => preparedBlock(work, made.get(work) ?? null));
  }

  private async compute(works: readonly BlockWork[]): Promise<readonly TimedBlock[]> {
    const [first] = works;
    if (first === undefined) return [];
    const orders = works.map(({ request, found }): BlockOrder => ({ request, earlier: found?.block ?? null }));
    const values = works.some(isCostly) ? Infinity : first.task.times.length * works.length;
    const answer = await this.answer({ type: 'features', task: first.task, orders }, values);
    if (answer.type !== 'blocks') throw new Error(`a feature task was answered with ${answer.type}`);
    return answer.made;
  }

  private async answer(task: ProcessingTask, values: number): Promise<ProcessingAnswer> {
    if (values >= this.inlineValues && this.inlineValues !== Infinity) return this.threads.run(task);
    // Many small tasks in a row are a long one: other work is let through between them.
    await nextTurn();
    // As a thread would get it: what comes out shares no memory with what went in.
    return answerProcessing(structuredClone(task), () => systemClock.now());
  }
}

/** Worth a thread and a turn of its own, however few rows there are. */
function isCostly({ request }: BlockWork): boolean {
  return getFeatureStep(request.feature.step).costly === true;
}

async function findBlocks(
  source: BlockSource | null,
  tasks: readonly FeatureTask[],
  addresses: readonly (readonly BlockAddress[])[],
): Promise<BlockWork[][]> {
  const wanted = addresses.flat().map(({ address, earlier }) => [address, ...earlier]);
  const found = source === null ? [] : await source.find(wanted);
  let at = 0;
  return tasks.map((task, ofTask) =>
    blockRequests(task).map((request, block): BlockWork => ({
      task,
      request,
      found: found[at++] ?? null,
      address: addresses[ofTask]?.[block]?.address ?? '',
    })),
  );
}

function preparedBlock({ task, request, found, address }: BlockWork, made: TimedBlock | null): PreparedBlock {
  const { asset } = task;
  if (made === null) {
    if (found === null) throw new Error(`no block of step ${request.feature.step} was found or made`);
    return { asset, request, address, block: found.block, origin: 'stored', computedRows: 0, computeMs: 0 };
  }
  const { block, computedRows, computeMs } = made;
  const origin = computedRows < task.times.length ? 'extended' : 'computed';
  return { asset, request, address, block, origin, computedRows, computeMs };
}
