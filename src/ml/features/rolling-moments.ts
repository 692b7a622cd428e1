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
 * Rows are cut into blocks as long as the window, so a window is a tail of one block and a head of the next. Mean and
 * squared deviations of every head and tail are accumulated (Welford 1962), heads measured from the block's first value
 * and tails from its last, which all of them contain, so that a large offset costs no digits. A tail of nt rows and a
 * head of nh rows are joined by Chan's formula, δ = mean_h − mean_t: mean = mean_t + δ·nh / n,
 * M2 = M2_t + M2_h + δ²·nt·nh / n. A NaN spoils exactly the pieces, hence the windows, that contain it. A constant window
 * has variance 0 exactly.
 *
 * Causal: the tails of a block are used from its last row on. Blocks count from row 0, so the last bits of a result
 * depend on where the series begins; the same series cut later gives the same bytes.
 */
export function rollingMoments(values: Float64Array, window: number): RollingMoments {
  const length = values.length;
  const means = new Float64Array(length).fill(NaN);
  const variances = new Float64Array(length).fill(NaN);
  // Of the previous block: rows `offset` … last, measured from `tailAnchor`.
  const tailMean = new Float64Array(window);
  const tailSquares = new Float64Array(window);
  let tailAnchor = 0;
  for (let blockStart = 0; blockStart < length; blockStart += window) {
    const blockEnd = Math.min(blockStart + window, length);
    const headAnchor = values[blockStart]!;
    let mean = 0;
    let squares = 0;
    for (let row = blockStart; row < blockEnd; row++) {
      const heads = row - blockStart + 1;
      const value = values[row]! - headAnchor;
      const step = value - mean;
      mean += step / heads;
      squares += step * (value - mean);
      if (row < window - 1) continue;
      if (heads === window) {
        write(row, headAnchor + mean, squares / window);
        continue;
      }
      const delta = headAnchor - tailAnchor + (mean - tailMean[heads]!);
      write(
        row,
        tailAnchor + (tailMean[heads]! + (delta * heads) / window),
        (tailSquares[heads]! + squares + (delta * delta * (window - heads) * heads) / window) / window,
      );
    }
    // The last block of the series may be shorter; no window begins in it and ends after it.
    if (blockEnd - blockStart < window) break;
    tailAnchor = values[blockEnd - 1]!;
    mean = 0;
    squares = 0;
    for (let offset = window - 1; offset > 0; offset--) {
      const value = values[blockStart + offset]! - tailAnchor;
      const step = value - mean;
      mean += step / (window - offset);
      squares += step * (value - mean);
      tailMean[offset] = mean;
      tailSquares[offset] = squares;
    }
  }
  return { means, variances };

  function write(row: number, mean: number, variance: number): void {
    if (Number.isNaN(mean)) return;
    means[row] = mean;
    variances[row] = variance;
  }
}
