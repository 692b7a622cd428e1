import type { IntervalScores } from '../metrics/interval-metrics.js';
import type { ForecastIntervals } from './forecast-intervals.js';

/**
 * What the intervals of a model hold of what they promise, by ascending coverage; a coverage that an asset has no
 * interval of is not scored for it. Overall and by step, widths and scores are divided by the asset's `trainDeviation`;
 * by asset they are in original units.
 */
export interface IntervalEvaluation {
  readonly method: ForecastIntervals['method'];
  readonly overall: readonly IntervalScores[];
  readonly perAsset: readonly { readonly asset: string; readonly scores: readonly IntervalScores[] }[];
  /** `step` from 1. */
  readonly perStep: readonly { readonly step: number; readonly scores: readonly IntervalScores[] }[];
}
