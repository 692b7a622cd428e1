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
 * 1992). Sums and sums of squares of every head and tail are accumulated, heads measured from the block's first value
 * and tails from its last, which all of them contain: a large offset costs no digits, and since an anchor a lies inside
 * its window, Σ(x − a)² is at most 2n times the squared deviations that are left of it, whatever the data. A head is
 * moved to the tail's anchor by δ = anchor_h − anchor_t: Σ = Σ_t + Σ_h + nh·δ, Σ² = Σ²_t + Σ²_h + δ(2·Σ_h + nh·δ), and
 * variance = Σ²/n − (Σ/n)². A NaN spoils exactly the pieces, hence the windows, that contain it. A constant window has
 * variance 0 exactly.
 *
 * Causal: the tails of a block are used from its last row on. Blocks count from row 0, so the last bits of a result
 * depend on where the series begins; the same series cut later gives the same bytes, and so does one that begins a
 * multiple of the window later.
 */
export function rollingMoments(values: Float64Array, window: number): RollingMoments {
  const length = values.length;
  const share = 1 / window;
  const means = new Float64Array(length);
  const variances = new Float64Array(length);
  // Of the previous block: rows `offset` … last, measured from `tailAnchor`; NaN before the first block.
  const tailSums = new Float64Array(window).fill(NaN);
  const tailSquares = new Float64Array(window).fill(NaN);
  let tailAnchor = NaN;
  for (let blockStart = 0; blockStart < length; blockStart += window) {
    const headAnchor = values[blockStart]!;
    const delta = headAnchor - tailAnchor;
    const joined = Math.min(window - 1, length - blockStart);
    let sum = 0;
    let squares = 0;
    for (let heads = 1; heads <= joined; heads++) {
      const row = blockStart + heads - 1;
      const value = values[row]! - headAnchor;
      sum += value;
      squares += value * value;
      const shift = heads * delta;
      const mean = (tailSums[heads]! + sum + shift) * share;
      means[row] = tailAnchor + mean;
      const variance = (tailSquares[heads]! + squares + delta * (2 * sum + shift)) * share - mean * mean;
      // Rounding may take it below 0. Not Math.max, which is several times slower.
      variances[row] = variance < 0 ? 0 : variance;
    }
    const last = blockStart + window - 1;
    // The last block of the series may be shorter; no window begins in it and ends after it.
    if (last >= length) break;
    const value = values[last]! - headAnchor;
    const mean = (sum + value) * share;
    means[last] = headAnchor + mean;
    const variance = (squares + value * value) * share - mean * mean;
    variances[last] = variance < 0 ? 0 : variance;
    tailAnchor = values[last]!;
    sum = 0;
    squares = 0;
    for (let offset = window - 1; offset > 0; offset--) {
      const tailValue = values[blockStart + offset]! - tailAnchor;
      sum += tailValue;
      squares += tailValue * tailValue;
      tailSums[offset] = sum;
      tailSquares[offset] = squares;
    }
  }
  return { means, variances };
}

/** The means of `rollingMoments` alone, with the same bytes. */
export function rollingMeans(values: Float64Array, window: number): Float64Array {
  const length = values.length;
  const share = 1 / window;
  const means = new Float64Array(length);
  const tailSums = new Float64Array(window).fill(NaN);
  let tailAnchor = NaN;
  for (let blockStart = 0; blockStart < length; blockStart += window) {
    const headAnchor = values[blockStart]!;
    const delta = headAnchor - tailAnchor;
    const joined = Math.min(window - 1, length - blockStart);
    let sum = 0;
    for (let heads = 1; heads <= joined; heads++) {
      const row = blockStart + heads - 1;
      sum += values[row]! - headAnchor;
      means[row] = tailAnchor + (tailSums[heads]! + sum + heads * delta) * share;
    }
    const last = blockStart + window - 1;
    if (last >= length) break;
    means[last] = headAnchor + (sum + (values[last]! - headAnchor)) * share;
    tailAnchor = values[last]!;
    sum = 0;
    for (let offset = window - 1; offset > 0; offset--) {
      sum += values[blockStart + offset]! - tailAnchor;
      tailSums[offset] = sum;
    }
  }
  return means;
}
