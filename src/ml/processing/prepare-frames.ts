import type { AssetFrame } from '../frame/time-frame.js';
import { alignAssets } from './align-assets.js';
import { assemblePreparedFrames, computeFeatures, featureTasks, type FeatureColumns } from './compute-features.js';
import { fillSmallGaps, type FixedFilling } from './fill-small-gaps.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { ProcessingPlan, SeriesCalendar } from './processing-plan.js';

/** What was fixed by a fit and is used unchanged online. */
export interface FixedPreparation extends FixedFilling {
  readonly calendar: SeriesCalendar;
}

/**
 * Raw frames to prepared ones in one go: align, impute small gaps, compute features. The processing pool does the same
 * with the feature tasks spread over threads. `fixed` is left out when fitting, and then taken from the train part.
 */
export function prepareFrames(
  plan: ProcessingPlan,
  frames: readonly AssetFrame[],
  fixed?: FixedPreparation,
): PreparedFrames {
  const preparing = prepareFramesInSteps(plan, frames, fixed);
  let step = preparing.next();
  while (step.done !== true) step = preparing.next();
  return step.value;
}

/** The same with a pause before the features of each asset, for a driver that breathes; yields the share that is done. */
export function* prepareFramesInSteps(
  plan: ProcessingPlan,
  frames: readonly AssetFrame[],
  fixed?: FixedPreparation,
): Generator<number, PreparedFrames> {
  const series = alignAssets(frames, plan, fixed?.calendar);
  const filled = fillSmallGaps(series, plan, fixed);
  const tasks = featureTasks(plan, series, filled, frames, fixed);
  const computed: FeatureColumns[] = [];
  for (const task of tasks) {
    yield computed.length / tasks.length;
    computed.push(computeFeatures(task));
  }
  return assemblePreparedFrames(series, filled, tasks, computed);
}
