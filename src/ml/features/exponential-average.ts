/** Weight of the newest value in an exponential average of span w: 2 / (w + 1). */
export function spanWeight(window: number): number {
  return 2 / (window + 1);
}

/**
 * A_t = A_{t−1} + weight · (x_t − A_{t−1}), begun with the mean of the first `window` values: an EMA with `spanWeight`,
 * and Wilder's smoothing (New Concepts in Technical Trading Systems, 1978) with 1 / window, both as TA-Lib and charting
 * tools begin them. NaN before it has begun; it begins anew after a NaN. `into` may be `values` itself.
 */
export function exponentialAverage(
  values: Float64Array,
  window: number,
  weight: number,
  into: Float64Array = new Float64Array(values.length),
): Float64Array {
  const length = values.length;
  let row = 0;
  while (row < length) {
    let seen = 0;
    let average = 0;
    for (; seen < window && row < length; row++) {
      const value = values[row]!;
      into[row] = NaN;
      if (Number.isNaN(value)) {
        seen = 0;
        continue;
      }
      seen++;
      average = seen === 1 ? value : average + (value - average) * (1 / seen);
    }
    if (seen < window) break;
    into[row - 1] = average;
    // A loop of its own, as short as can be: each average waits for the one before it.
    while (row < length) {
      average += (values[row]! - average) * weight;
      into[row++] = average;
      if (Number.isNaN(average)) break;
    }
  }
  return into;
}
