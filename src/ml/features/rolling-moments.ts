import { unwrittenColumn } from './unwritten-column.js';

/** Mean and population variance of the trailing window of every row; NaN during warm-up and over missing values. */
export interface RollingMoments {
  readonly means: Float64Array;
  /** Σ(x − mean)² / window. */
  readonly variances: Float64Array;
}

/**
 * Moments of rows t − window + 1 … t for every t, in O(n) and without subtracting what leaves the window: a running sum
 * that adds and subtracts loses a digit for each digit by which values once exceeded those of today, and one NaN stays
 * in it for ever.
 *
 * Rows are cut into blocks as long as the window, so a window is a tail of one block and a head of the next (van Herk
 * 1992), or a whole block. Sums and sums of squares of every tail and head are accumulated, both measured from the last
 * value of the tail's block, which such a window contains: a large offset costs no digits, and since the anchor a lies
 * inside the window, Σ(x − a)² is at most 2n times the squared deviations that are left of it, whatever the data.
 * mean = a + Σ/n, variance = Σ²/n − (Σ/n)². The sums of a tail wait in the result's own row until the head of that row
 * is known. A NaN spoils exactly the pieces, hence the windows, that contain it. A constant window has variance 0
 * exactly.
 *
 * Causal: the tails of a block are used from its last row on. Blocks count from row 0, so the last bits of a result
 * depend on where the series begins; the same series cut later gives the same bytes, and so does one that begins a
 * multiple of the window later.
 */
export function rollingMoments(values: Float64Array, window: number): RollingMoments {
  const length = values.length;
  const share = 1 / window;
  const means = unwrittenColumn(length).fill(NaN, 0, window);
  const variances = unwrittenColumn(length).fill(NaN, 0, window);
  let anchor = NaN;
  for (let blockStart = 0; blockStart < length; blockStart += window) {
    const last = blockStart + window - 1;
    const headsEnd = Math.min(last, length);
    let sum = 0;
    let squares = 0;
    for (let row = blockStart; row < headsEnd; row++) {
      const value = values[row]! - anchor;
      sum += value;
      squares += value * value;
      const mean = (means[row]! + sum) * share;
      const variance = (variances[row]! + squares) * share - mean * mean;
      means[row] = anchor + mean;
      // Rounding may take it below 0. Not Math.max, which is several times slower.
      variances[row] = variance < 0 ? 0 : variance;
    }
    // The last block of the series may be shorter; no window begins in it and ends after it.
    if (last >= length) break;
    anchor = values[last]!;
    sum = 0;
    squares = 0;
    for (let row = last; row > blockStart; row--) {
      const value = values[row]! - anchor;
      sum += value;
      squares += value * value;
      const headRow = row + window - 1;
      if (headRow >= length) continue;
      means[headRow] = sum;
      variances[headRow] = squares;
    }
    const value = values[blockStart]! - anchor;
    const mean = (sum + value) * share;
    const variance = (squares + value * value) * share - mean * mean;
    means[last] = anchor + mean;
    variances[last] = variance < 0 ? 0 : variance;
  }
  return { means, variances };
}

/** The means of `rollingMoments` alone, with the same bytes. */
export function rollingMeans(values: Float64Array, window: number): Float64Array {
  const length = values.length;
  const share = 1 / window;
  const means = unwrittenColumn(length).fill(NaN, 0, window);
  let anchor = NaN;
  for (let blockStart = 0; blockStart < length; blockStart += window) {
    const last = blockStart + window - 1;
    const headsEnd = Math.min(last, length);
    let sum = 0;
    for (let row = blockStart; row < headsEnd; row++) {
      sum += values[row]! - anchor;
      means[row] = anchor + (means[row]! + sum) * share;
    }
    if (last >= length) break;
    anchor = values[last]!;
    sum = 0;
    for (let row = last; row > blockStart; row--) {
      sum += values[row]! - anchor;
      const headRow = row + window - 1;
      if (headRow < length) means[headRow] = sum;
    }
    means[last] = anchor + (sum + (values[blockStart]! - anchor)) * share;
  }
  return means;
}
