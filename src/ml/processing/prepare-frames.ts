import type { AssetFrame } from '../frame/time-frame.js';
import { alignAssets } from './align-assets.js';
import { assemblePreparedFrames, computeFeatures, featureTasks } from './compute-features.js';
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
  const series = alignAssets(frames, plan, fixed?.calendar);
  const filled = fillSmallGaps(series, plan, fixed);
  const tasks = featureTasks(plan, series, filled, frames, fixed);
  return assemblePreparedFrames(series, filled, tasks, tasks.map(computeFeatures));
}
