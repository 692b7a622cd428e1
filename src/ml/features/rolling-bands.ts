import { unwrittenColumn } from './unwritten-column.js';

export interface RollingBands {
  readonly middle: Float64Array;
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

/**
 * Mean of the trailing window of every row, and `deviations` population deviations above and below it: the blocks,
 * anchors and edge cases of `rollingMoments`, whose numbers these are, in one pass. The sums of a tail wait in `upper`
 * and its sums of squares in `lower` until the head of their row is known.
 */
export function rollingBands(values: Float64Array, window: number, deviations: number): RollingBands {
  const length = values.length;
  const share = 1 / window;
  const middle = unwrittenColumn(length);
  const upper = unwrittenColumn(length).fill(NaN, 0, window);
  const lower = unwrittenColumn(length).fill(NaN, 0, window);
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
      const offset = (upper[row]! + sum) * share;
      const variance = (lower[row]! + squares) * share - offset * offset;
      const mean = anchor + offset;
      const distance = deviations * Math.sqrt(variance < 0 ? 0 : variance);
      middle[row] = mean;
      upper[row] = mean + distance;
      lower[row] = mean - distance;
    }
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
      upper[headRow] = sum;
      lower[headRow] = squares;
    }
    const value = values[blockStart]! - anchor;
    const offset = (sum + value) * share;
    const variance = (squares + value * value) * share - offset * offset;
    const mean = anchor + offset;
    const distance = deviations * Math.sqrt(variance < 0 ? 0 : variance);
    middle[last] = mean;
    upper[last] = mean + distance;
    lower[last] = mean - distance;
  }
  return { middle, upper, lower };
}
