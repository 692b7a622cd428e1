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
}

/** Errors measured in a unit of each asset's own, so that assets of different size can be averaged. */
export interface RelativeErrors {
  readonly mae: number;
  readonly rmse: number;
}

/**
 * Sums of errors in cells (one per asset and step), from which the metrics of any set of cells follow. Streaming: holds
 * four numbers a cell, however many values are added. The values of a cell are summed in the order they come, in
 * Float64, so equal forecasts give equal bits, whatever blocks they came in.
 */
export class ErrorSums {
  /** Count, Σ e², Σ |e|, Σ |e| / (|y| + |f|) of each cell side by side: one cache line for each value added. */
  private readonly sums: Float64Array;

  constructor(cells: number) {
    this.sums = new Float64Array(cells * 4);
  }

  /** Both values finite. */
  add(cell: number, actual: number, forecast: number): void {
    const { sums } = this;
    const at = cell * 4;
    const error = Math.abs(forecast - actual);
    const size = Math.abs(actual) + Math.abs(forecast);
    sums[at]! += 1;
    sums[at + 1]! += error * error;
    sums[at + 2]! += error;
    sums[at + 3]! += size === 0 ? 0 : error / size;
  }

  count(cells: Iterable<number>): number {
    let count = 0;
    for (const cell of cells) count += this.sums[cell * 4]!;
    return count;
  }

  /** `seasonalScaleOf` gives q of the cell's asset, or null where it has none. Null when nothing was added. */
  metrics(cells: Iterable<number>, seasonalScaleOf: (cell: number) => number | null): PointMetrics | null {
    let count = 0;
    let squared = 0;
    let absolute = 0;
    let symmetric = 0;
    let scaled: number | null = 0;
    for (const cell of cells) {
      if (this.sums[cell * 4] === 0) continue;
      count += this.sums[cell * 4]!;
      squared += this.sums[cell * 4 + 1]!;
      absolute += this.sums[cell * 4 + 2]!;
      symmetric += this.sums[cell * 4 + 3]!;
      const scale = seasonalScaleOf(cell);
      scaled = scaled === null || scale === null ? null : scaled + this.sums[cell * 4 + 2]! / scale;
    }
    if (count === 0) return null;
    return {
      count,
      mse: squared / count,
      mae: absolute / count,
      rmse: Math.sqrt(squared / count),
      smape: (200 * symmetric) / count,
      mase: scaled === null ? null : scaled / count,
    };
  }

  /** Mean of |e| / u and root mean square of e / u, with u > 0 the unit of the cell's asset. */
  relative(cells: Iterable<number>, unitOf: (cell: number) => number): RelativeErrors {
    let count = 0;
    let squared = 0;
    let absolute = 0;
    for (const cell of cells) {
      if (this.sums[cell * 4] === 0) continue;
      const unit = unitOf(cell);
      count += this.sums[cell * 4]!;
      squared += this.sums[cell * 4 + 1]! / (unit * unit);
      absolute += this.sums[cell * 4 + 2]! / unit;
    }
    return { mae: absolute / count, rmse: Math.sqrt(squared / count) };
  }
}
