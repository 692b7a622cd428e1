import { assertNever } from '../common/assert-never.js';
import { alignAssets } from '../ml/processing/align-assets.js';
import { featureTasks } from '../ml/processing/compute-features.js';
import { blockAddresses } from '../ml/processing/feature-address.js';
import { computeBlock } from '../ml/processing/feature-blocks.js';
import { fillSmallGaps } from '../ml/processing/fill-small-gaps.js';
import type { ProcessingAnswer, ProcessingTask } from './worker/protocol.js';

/**
 * What a thread of the processing pool does with a task, and the pool itself when a thread would cost more. `now`, in
 * milliseconds, tells how long blocks took; what is computed does not depend on it.
 */
export function answerProcessing(task: ProcessingTask, now: () => number): ProcessingAnswer {
  switch (task.type) {
    case 'align': {
      const series = alignAssets(task.frames, task.plan);
      const filled = fillSmallGaps(series, task.plan);
      const tasks = featureTasks(task.plan, series, filled, task.frames);
      const addresses = task.earlierRows === null ? [] : blockAddresses(tasks, task.earlierRows);
      return { type: 'aligned', series, filled, tasks, addresses };
    }
    case 'features': {
      const made = task.orders.map(({ request, earlier }) => {
        const begin = now();
        const computed = computeBlock(task.task, request, earlier);
        return { ...computed, computeMs: now() - begin };
      });
      return { type: 'blocks', made };
    }
    default:
      return assertNever(task);
  }
}
