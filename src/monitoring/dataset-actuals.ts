import type { AssetFrame } from '../ml/frame/time-frame.js';
import { alignAssets } from '../ml/processing/align-assets.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';

/** Observed values of one target at the times that forecasts are made for. */
export interface TargetRows {
  readonly asset: string;
  /** Milliseconds UTC, ascending, of every row; `through` is the last. */
  readonly times: Float64Array;
  /** NaN where it was not observed. */
  readonly values: Float64Array;
}

/**
 * The rows of some targets as forecasts mean them. Times stay those of the data; where the model puts series on a grid,
 * they are the ends of its periods, and a value is what came in the period, as in training.
 */
export function targetRows(
  fitted: FittedProcessing,
  frames: readonly AssetFrame[],
  targets: readonly string[],
): TargetRows[] {
  const { plan, calendar } = fitted;
  if (calendar.grid !== undefined) {
    const aligned = alignAssets(frames, { ...plan, axis: { ...plan.axis, end: null } }, calendar);
    return targets.map((asset) => ({
      asset,
      times: aligned.times,
      values: aligned.columns[aligned.names.indexOf(asset)]!,
    }));
  }
  return targets.map((target) => {
    const { column } = plan.assets.find(({ id }) => id === target)!;
    const { frame } = frames.find(({ asset }) => asset === target)!;
    return { asset: target, times: frame.times, values: frame.columns[frame.names.indexOf(column)]! };
  });
}

/** The assets whose rows `targetRows` needs. */
export function assetsOfTargetRows({ plan, calendar }: FittedProcessing, targets: readonly string[]): string[] {
  return calendar.grid === undefined ? [...targets] : plan.assets.map(({ id }) => id);
}
