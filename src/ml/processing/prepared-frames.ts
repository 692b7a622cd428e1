import type { TimeFrame } from '../frame/time-frame.js';
import type { FittedImputation } from '../gaps/imputation/choose-imputation.js';
import type { SeriesCalendar } from './processing-plan.js';

/** What the processing pool makes of the raw frames: everything on the common axis, nothing fitted yet. */
export interface PreparedFrames {
  /** The calendar that the axis was completed with, inferred from the train part. */
  readonly calendar: SeriesCalendar;
  /** Raw series on the common axis, one column per asset (its main column), in plan order. NaN = missing. */
  readonly series: TimeFrame;
  /** The same after imputation of small gaps. */
  readonly filled: TimeFrame;
  /** How each column was filled, by `{asset}/{column}`. */
  readonly imputations: Readonly<Record<string, FittedImputation>>;
  /** The row at which each row is final; null when each is at once. See `settledOrigins`. */
  readonly settledAt: Int32Array | null;
  /** Feature columns, named `{asset}_{feature}` or bare; with the asset of each (null = time axis only). */
  readonly features: TimeFrame;
  readonly featureAssets: readonly (string | null)[];
  /** What a user should read of the feature steps' work, such as fits that failed; for the execution's log. */
  readonly notes: readonly string[];
}
