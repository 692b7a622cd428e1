import { unwrittenColumn } from './unwritten-column.js';

/** Weight of the newest value in an exponential average of span w: 2 / (w + 1). */
export function spanWeight(window: number): number {
  return 2 / (window + 1);
}

/**
 * A_t = A_{t−1} + weight · (x_t − A_{t−1}), begun with the mean of the first `window` values: an EMA with `spanWeight`,
 * and Wilder's smoothing (New Concepts in Technical Trading Systems, 1978) with 1 / window, both as TA-Lib and charting
 * tools begin them. NaN before it has begun; it begins anew after a NaN. `into` may be `values` itself. A constant is
 * its own average, exactly.
 *
 * Row by row, each average waits for the one before it. So it is followed by what it lags behind, E = x − A, for which
 * E_t = k · (E_{t−1} + x_t − x_{t−1}) with k = 1 − weight, four rows a turn:
 * E_{t+j} = k^(j+1) · E_{t−1} + G_j, G_j = k · (G_{j−1} + x_{t+j} − x_{t+j−1}). The G of a turn wait for no other turn,
 * which leaves one product and one sum in four rows to wait for. Turns count from the row in which the average began and
 * each row of a turn looks at no later one, so a series that is cut earlier has the same bytes.
 */
export function exponentialAverage(
  values: Float64Array,
  window: number,
  weight: number,
  into: Float64Array = unwrittenColumn(values.length),
): Float64Array {
  const length = values.length;
  const k = 1 - weight;
  const k2 = k * k;
  const k3 = k2 * k;
  const k4 = k3 * k;
  let row = 0;
  while (row < length) {
    let seen = 0;
    let average = 0;
    let before = NaN;
    for (; seen < window && row < length; row++) {
      before = values[row]!;
      into[row] = NaN;
      if (Number.isNaN(before)) {
        seen = 0;
        continue;
      }
      seen++;
      average = seen === 1 ? before : average + (before - average) * (1 / seen);
    }
    if (seen < window) break;
    into[row - 1] = average;
    let lag = before - average;
    while (row < length - 3) {
      const x0 = values[row]!;
      const x1 = values[row + 1]!;
      const x2 = values[row + 2]!;
      const x3 = values[row + 3]!;
      const g0 = (x0 - before) * k;
      const g1 = (g0 + (x1 - x0)) * k;
      const g2 = (g1 + (x2 - x1)) * k;
      const lastLag = k4 * lag + (g2 + (x3 - x2)) * k;
      if (Number.isNaN(lastLag)) break;
      into[row] = x0 - (k * lag + g0);
      into[row + 1] = x1 - (k2 * lag + g1);
      into[row + 2] = x2 - (k3 * lag + g2);
      into[row + 3] = x3 - lastLag;
      lag = lastLag;
      before = x3;
      row += 4;
    }
    // The same turn with less than four rows, at the end of the series or up to a NaN.
    let gathered = 0;
    for (let decay = k; row < length; decay *= k) {
      const value = values[row]!;
      gathered = (gathered + (value - before)) * k;
      into[row++] = value - (decay * lag + gathered);
      if (Number.isNaN(value)) break;
      before = value;
    }
  }
  return into;
}
