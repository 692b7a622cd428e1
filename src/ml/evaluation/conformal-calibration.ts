import type { WindowedData } from '../windows/windowed-data.js';
import type { ConformalTarget, ForecastIntervals } from './forecast-intervals.js';
import type { ForecastRecorder } from './forecast-recorder.js';

/** Residuals held at once, 64 MiB of Float64: of a part with more, evenly spread windows are taken. */
const MAXIMUM_RESIDUALS = 2 ** 23;
/** However many values a window has: enough for a coverage of 0.99. */
const MINIMUM_WINDOWS = 256;

/** Every how many windows are kept, so that `windows · values` stays within the limit. */
export function windowThinning(windows: number, values: number, maximum = MAXIMUM_RESIDUALS): number {
  const kept = Math.max(MINIMUM_WINDOWS, Math.floor(maximum / values));
  return Math.max(1, Math.ceil(windows / kept));
}

/**
 * Split conformal prediction: intervals around any point forecaster from its errors on a part it was not fitted on.
 *
 * For each target and step the signed residuals r = y − f of the n observed rows, in original units, are sorted. The
 * interval of coverage 1 − α is [f + r₍ₙ₊₁₋ₖ₎, f + r₍ₖ₎] with k = ⌈(n + 1)(1 − α/2)⌉, the k-th smallest: with residuals
 * that are exchangeable with those to come, each end is missed with a probability of at most α/2, and the interval
 * covers with at least 1 − α, whatever their distribution. Signed, because a bias then moves the interval instead of
 * widening it, and because skewed errors get unequal sides. A coverage with k > n, n < 2/α − 1, is left out: only an
 * infinite interval would keep the promise.
 *
 * Residuals of a series are not quite exchangeable (overlapping windows, drift): that is why the coverage on the test
 * part is measured and reported.
 *
 * Source: Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, "Distribution-Free Predictive Inference for Regression", Journal
 * of the American Statistical Association 113 (2018), section 2.2; both tails apart as in Romano, Patterson, Candès,
 * "Conformalized Quantile Regression", NeurIPS 2019, theorem 2.
 */
export class ConformalCalibration implements ForecastRecorder {
  /** For each target and step the residuals so far. */
  private readonly residuals: readonly (readonly number[][])[];
  private readonly every: number;
  /** Windows seen of each target. */
  private readonly seen: Int32Array;

  constructor(
    private readonly data: WindowedData,
    private readonly originals: readonly Float64Array[],
    windows: number,
  ) {
    const { horizon } = data;
    this.residuals = originals.map(() => Array.from({ length: horizon }, () => []));
    this.every = windowThinning(windows, originals.length * horizon);
    this.seen = new Int32Array(originals.length);
  }

  add(target: number, origins: Int32Array, forecasts: Float64Array): void {
    const { horizon, targets } = this.data;
    const observed = targets.observed[target]!;
    const series = this.originals[target]!;
    const residuals = this.residuals[target]!;
    origins.forEach((origin, window) => {
      if (this.seen[target]!++ % this.every !== 0) return;
      for (let step = 1; step <= horizon; step++) {
        const row = origin + step;
        if (observed[row] === 1) residuals[step - 1]!.push(series[row]! - forecasts[window * horizon + step - 1]!);
      }
    });
  }

  /** `coverages` ascending. Null when no target has enough residuals for any of them. */
  intervals(coverages: readonly number[]): ForecastIntervals | null {
    const targets = this.data.targets.names.map((asset, target) =>
      calibrate(asset, this.residuals[target]!, coverages),
    );
    if (targets.every((target) => target.coverages.length === 0)) return null;
    return { format: 1, method: 'split-conformal', targets };
  }
}

function calibrate(asset: string, steps: readonly number[][], coverages: readonly number[]): ConformalTarget {
  const sorted = steps.map((residuals) => Float64Array.from(residuals).sort());
  const fewest = Math.min(...sorted.map((residuals) => residuals.length));
  const kept = coverages.filter((coverage) => upperRank(fewest, coverage) <= fewest);
  const ends = (end: (residuals: Float64Array, rank: number) => number): number[][] =>
    kept.map((coverage) => sorted.map((residuals) => end(residuals, upperRank(residuals.length, coverage))));
  return {
    asset,
    coverages: kept,
    residuals: sorted.map((residuals) => residuals.length),
    lower: ends((residuals, rank) => residuals[residuals.length - rank]!),
    upper: ends((residuals, rank) => residuals[rank - 1]!),
  };
}

/** k = ⌈(n + 1)(1 + c) / 2⌉ for coverage c, from 1; what is whole but for rounding is whole. */
function upperRank(count: number, coverage: number): number {
  return Math.ceil(((count + 1) * (1 + coverage)) / 2 - 1e-9);
}

/** Residuals that an interval of this coverage needs at each step. */
export function residualsNeeded(coverage: number): number {
  return Math.ceil(2 / (1 - coverage) - 1 - 1e-9);
}
