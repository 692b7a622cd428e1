import type { PriceBars } from './price-bars.js';

/**
 * True range (Wilder 1978): TR_t = max(high_t, close_{t−1}) − min(low_t, close_{t−1}), the way a price went since the last
 * close. NaN in row 0, which has no close before it (TA-Lib's convention), and where one of the three is NaN. Of closes
 * alone it is |close_t − close_{t−1}|.
 *
 * Computed as (high − low) + max(close − high, 0) + max(low − close, 0), with max(d, 0) = (d + |d|) / 2: where prices do
 * not jump by rule a branch is guessed wrong half the time, which costs more than the arithmetic.
 */
export function trueRanges({ high, low, close }: PriceBars): Float64Array {
  const ranges = new Float64Array(close.length);
  let before = NaN;
  for (let row = 0; row < ranges.length; row++) {
    const top = high[row]!;
    const bottom = low[row]!;
    const above = before - top;
    const below = bottom - before;
    ranges[row] = top - bottom + 0.5 * (above + Math.abs(above) + (below + Math.abs(below)));
    before = close[row]!;
  }
  return ranges;
}
