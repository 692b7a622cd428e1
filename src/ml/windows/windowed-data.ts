import type { DirectionLimits } from './direction-limits.js';

/**
 * Model input columns over one axis. `columns[f]` has length n, scaled; NaN where masked.
 * A window with origin t is rows t − lookBack + 1 … t of every column; nothing is copied.
 */
export interface InputMatrix {
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
  /**
   * The asset each column belongs to, null for columns that depend on the time axis only. Training needs it to tell a
   * target's own features from those of others; a forecast does not.
   */
  readonly assets?: readonly (string | null)[];
  /**
   * Of the rows, and of forecast rows after them; milliseconds UTC. Only for ensembles, whose members restore their
   * forecasts each by its own transforms.
   */
  readonly times?: Float64Array;
}

export interface TargetMatrix {
  /** Asset ids. */
  readonly names: readonly string[];
  /** Scaled, length n each; NaN where masked. */
  readonly columns: readonly Float64Array[];
  /**
   * The same in original units, small gaps filled; NaN where masked. What forecasts under positional transforms are
   * restored from, and what baselines repeat. May be left out where all transforms are element-wise.
   */
  readonly original?: readonly Float64Array[];
  /**
   * True when a target's transform depends on position (a difference, say): `columns` are then not values on a scale,
   * and repeating one is not repeating a value.
   */
  readonly isPositional?: boolean;
  /** 1 where the value was observed, 0 where it was imputed or masked; length n each. Scores count observed rows only. */
  readonly observed: readonly Uint8Array[];
  /** For each target, the position of its own series among the input columns. */
  readonly inputs: readonly number[];
}

/**
 * What an algorithm is trained and evaluated on. An origin t is the last input row; it forecasts rows
 * t + 1 … t + horizon, all inside the origin's part. Windows that touch a NaN are not among the origins.
 */
export interface WindowedData {
  /** Milliseconds UTC, length n. */
  readonly times: Float64Array;
  readonly lookBack: number;
  readonly horizon: number;
  /** Rows of the season that the seasonal-naive baseline repeats. */
  readonly seasonLength: number;
  readonly inputs: InputMatrix;
  /**
   * Covariates that are known in advance, over the same rows: a forecast from origin t may read rows up to t + horizon,
   * and these are complete for every origin. Left out where nothing is known in advance.
   */
  readonly future?: InputMatrix;
  readonly targets: TargetMatrix;
  /**
   * Present where the task is direction: labels are then what is learned, see `labelsOfTarget`, and target columns are
   * the values themselves, for windows and gaps only.
   */
  readonly directions?: DirectionLimits;
  readonly origins: {
    readonly train: Int32Array;
    readonly validation: Int32Array;
    readonly test: Int32Array;
  };
  /**
   * How much each train window counts, in the order of `origins.train`, mean 1; left out where all count alike. Losses
   * of training are weighted means then; validation losses and scores count every window once.
   */
  readonly weights?: Float64Array;
}
