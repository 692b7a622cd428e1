import { assertNever } from '../common/assert-never.js';
import { alignAssets } from '../ml/processing/align-assets.js';
import { computeFeatures, featureTasks } from '../ml/processing/compute-features.js';
import { fillSmallGaps } from '../ml/processing/fill-small-gaps.js';
import type { ProcessingAnswer, ProcessingTask } from './worker/protocol.js';

/** What a thread of the processing pool does with a task, and the pool itself when a thread would cost more. Pure. */
export function answerProcessing(task: ProcessingTask): ProcessingAnswer {
  switch (task.type) {
    case 'align': {
      const series = alignAssets(task.frames, task.plan);
      const filled = fillSmallGaps(series, task.plan);
      return { type: 'aligned', series, filled, tasks: featureTasks(task.plan, series, filled, task.frames) };
    }
    case 'features':
      return { type: 'columns', computed: computeFeatures(task.task) };
    default:
      return assertNever(task);
  }
}
