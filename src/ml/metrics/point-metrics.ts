/**
 * Scores of point forecasts. With y the actual and f the forecast of n scored values, e = f − y:
 *
 * - MSE = Σ e² / n; RMSE = √MSE; MAE = Σ |e| / n.
 * - sMAPE = 200 · Σ |e| / (|y| + |f|) / n, percent, 0…200; a value with y = f = 0 counts as 0. The form of the M4
 *   competition: Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition: 100,000 time series and 61 forecasting
 *   methods", International Journal of Forecasting 36 (2020), section 2. Depends on where zero lies, so it says little
 *   about scaled values, temperatures and returns.
 * - MASE = MAE / q, with q the mean absolute error of the seasonal-naive forecast, one season ahead, within the train
 *   part: Hyndman, Koehler, "Another look at measures of forecast accuracy", International Journal of Forecasting 22
 *   (2006). Over several assets: the mean of |e| / q with each asset's own q. See `seasonalScale`.
 * - RMSSE = √(Σ (e / s)² / n), with s² the mean squared error of the same seasonal-naive forecast, each asset's own: the
 *   same paper; as RMSSE with m = 1 in Makridakis, Spiliotis, Assimakopoulos, "M5 accuracy competition", International
 *   Journal of Forecasting 38 (2022).
 * - R² = 1 − Σ e² / Σ (y − ȳ)², with ȳ the mean of the scored values of the same asset and step. With one mean for all,
 *   the distance between assets would count as variance explained. 0 is as good as that mean, below 0 is worse.
 * - Directional accuracy: the share of changes y[t + h] ≠ y[t], both observed, where f − y[t] has the sign of
 *   y[t + h] − y[t]. A forecast of no change is never right: the naive forecast has 0. Source: Pesaran, Timmermann,
 *   "A Simple Nonparametric Test of Predictive Performance", Journal of Business & Economic Statistics 10 (1992).
 */
export interface PointMetrics {
  /** Observed target values that were scored; at least 1. */
  readonly count: number;
  readonly mse: number;
  readonly mae: number;
  readonly rmse: number;
  /** Percent, 0…200. */
  readonly smape: number;
  /** Null where an asset's train part repeats itself exactly (q = 0) or is not longer than a season. */
  readonly mase: number | null;
  /** Null where MASE is. */
  readonly rmsse: number | null;
  /** Null where the scored values do not vary. */
  readonly r2: number | null;
  /** 0…1; null where nothing changed, or no origin was observed. */
  readonly directionalAccuracy: number | null;
}

/** Size of the seasonal-naive error within the train part, see `seasonalScale`. */
export interface SeasonalScale {
  readonly absolute: number;
  /** Mean of squares. */
  readonly squared: number;
}

const FIELDS = 9;

type Fields = readonly [number, number, number, number, number, number, number, number, number];

/** Errors measured in a unit of each asset's own, so that assets of different size can be averaged. */
export interface RelativeErrors {
  readonly mae: number;
  readonly rmse: number;
}

/**
 * Sums of errors in cells (one per asset and step), from which the metrics of any set of cells follow. Streaming: holds
 * nine numbers a cell, however many values are added. The values of a cell are summed in the order they come, in
 * Float64, so equal forecasts give equal bits, whatever blocks they came in.
 */
export class ErrorSums {
  /**
   * Side by side for each cell: count, Σ e², Σ |e|, Σ |e| / (|y| + |f|), y₀ the first value, Σ (y − y₀), Σ (y − y₀)²,
   * changes, changes whose direction was right.
   */
  private readonly sums: Float64Array;

  constructor(cells: number) {
    this.sums = new Float64Array(cells * FIELDS);
  }

  /** All values finite; `known`: the value at the origin, NaN where it was not observed. */
  add(cell: number, actual: number, forecast: number, known = NaN): void {
    const { sums } = this;
    const at = cell * FIELDS;
    if (sums[at] === 0) sums[at + 4] = actual;
    const distance = actual - sums[at + 4]!;
    const error = Math.abs(forecast - actual);
    const size = Math.abs(actual) + Math.abs(forecast);
    sums[at]! += 1;
    sums[at + 1]! += error * error;
    sums[at + 2]! += error;
    sums[at + 3]! += size === 0 ? 0 : error / size;
    sums[at + 5]! += distance;
    sums[at + 6]! += distance * distance;
    // NaN compares false with everything.
    if (actual > known || actual < known) {
      sums[at + 7]! += 1;
      sums[at + 8]! += actual > known === forecast > known && forecast !== known ? 1 : 0;
    }
  }

  count(cells: Iterable<number>): number {
    let count = 0;
    for (const cell of cells) count += this.sums[cell * FIELDS]!;
    return count;
  }

  /** Changes between an observed origin and its value, and those whose direction was forecast. */
  changes(cells: Iterable<number>): { readonly changes: number; readonly right: number } {
    let changes = 0;
    let right = 0;
    for (const cell of cells) {
      changes += this.sums[cell * FIELDS + 7]!;
      right += this.sums[cell * FIELDS + 8]!;
    }
    return { changes, right };
  }

  /** `seasonalScaleOf` gives q and s² of the cell's asset, or null where it has none. Null when nothing was added. */
  metrics(cells: Iterable<number>, seasonalScaleOf: (cell: number) => SeasonalScale | null): PointMetrics | null {
    let count = 0;
    let squared = 0;
    let absolute = 0;
    let symmetric = 0;
    let scaled = 0;
    let scaledSquares = 0;
    let isScaled = true;
    let variation = 0;
    let changes = 0;
    let right = 0;
    for (const cell of cells) {
      const [ofCell, squares, sizes, relative, , distance, distances, moved, hits] = this.fields(cell);
      if (ofCell === 0) continue;
      count += ofCell;
      squared += squares;
      absolute += sizes;
      symmetric += relative;
      variation += distances - (distance * distance) / ofCell;
      changes += moved;
      right += hits;
      const scale = seasonalScaleOf(cell);
      if (scale === null) isScaled = false;
      else {
        scaled += sizes / scale.absolute;
        scaledSquares += squares / scale.squared;
      }
    }
    if (count === 0) return null;
    return {
      count,
      mse: squared / count,
      mae: absolute / count,
      rmse: Math.sqrt(squared / count),
      smape: (200 * symmetric) / count,
      mase: isScaled ? scaled / count : null,
      rmsse: isScaled ? Math.sqrt(scaledSquares / count) : null,
      r2: variation > 0 ? 1 - squared / variation : null,
      directionalAccuracy: changes === 0 ? null : right / changes,
    };
  }

  /** Mean of |e| / u and root mean square of e / u, with u > 0 the unit of the cell's asset. */
  relative(cells: Iterable<number>, unitOf: (cell: number) => number): RelativeErrors {
    let count = 0;
    let squared = 0;
    let absolute = 0;
    for (const cell of cells) {
      const [ofCell, squares, sizes] = this.fields(cell);
      if (ofCell === 0) continue;
      const unit = unitOf(cell);
      count += ofCell;
      squared += squares / (unit * unit);
      absolute += sizes / unit;
    }
    return { mae: absolute / count, rmse: Math.sqrt(squared / count) };
  }

  private fields(cell: number): Fields {
    return [...this.sums.subarray(cell * FIELDS, (cell + 1) * FIELDS)] as unknown as Fields;
  }
}
