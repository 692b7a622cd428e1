import type { PriceBars } from './price-bars.js';

/**
 * True range (Wilder 1978): TR_t = max(high_t, close_{t−1}) − min(low_t, close_{t−1}), the way a price went since the last
 * close. NaN in row 0, which has no close before it (TA-Lib's convention), and where one of the three is NaN. Of closes
 * alone it is |close_t − close_{t−1}|.
 */
export function trueRanges({ high, low, close }: PriceBars): Float64Array {
  const ranges = new Float64Array(close.length);
  let before = NaN;
  for (let row = 0; row < ranges.length; row++) {
    ranges[row] = Math.max(high[row]!, before) - Math.min(low[row]!, before);
    before = close[row]!;
  }
  return ranges;
}
