import type { TimeFrame } from '../frame/time-frame.js';
import { fillCausally } from '../gaps/fill-causally.js';
import type { ProcessingPlan } from './processing-plan.js';
import { splitRows } from './split-rows.js';

/**
 * Longest run of missing rows that is imputed: the share `gaps.largeShare` of the train part's rows, rounded down. From
 * the train part alone, so that the length of what follows does not decide how it is filled.
 */
export function smallGapRows(plan: ProcessingPlan, times: Float64Array): number {
  const { train } = splitRows(plan.split, times);
  return Math.floor(plan.gaps.largeShare * (train.end - train.start));
}

/** Every column after causal imputation; `limitRows` online comes from `FittedProcessing`. See `fillCausally`. */
export function fillSmallGaps(
  series: TimeFrame,
  plan: ProcessingPlan,
  limitRows: number = smallGapRows(plan, series.times),
): TimeFrame {
  return {
    times: series.times,
    names: series.names,
    columns: series.columns.map((column) => fillCausally(column, plan.gaps, limitRows)),
  };
}
