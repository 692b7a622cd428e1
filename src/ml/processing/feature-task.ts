import type { TimeFrame } from '../frame/time-frame.js';
import type { FilledSeries } from './fill-small-gaps.js';
import type { PlannedFeature } from './processing-plan.js';

/** All features of one asset, or all of the time axis: what one thread of the pool computes. */
export interface FeatureTask {
  readonly times: Float64Array;
  /** Null for features that depend on the time axis only. */
  readonly asset: string | null;
  /** The asset's main column after imputation; empty for the time axis. */
  readonly value: Float64Array;
  /** The asset's other columns on the same axis, imputed alike; null when it has none. */
  readonly otherColumns: FilledSeries | null;
  /** The assets that pair features of this one are compared with; null when there are none. */
  readonly references: TimeFrame | null;
  readonly features: readonly PlannedFeature[];
}
