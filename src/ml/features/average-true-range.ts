import type { PriceBars } from './price-bars.js';
import { unwrittenColumn } from './unwritten-column.js';

/**
 * Wilder's smoothing of the true range, begun with the mean of TR_1 … TR_w: NaN in the first w rows, and begun anew with
 * the row after a NaN in one of the three.
 *
 * TR = max(high, before) − min(low, before) is half the way around the three prices,
 * (high − low + |high − before| + |low − before|) / 2, which needs no branch. Smoothed as the sum of Wilder's work sheet,
 * S_t = k · S_{t−1} + 2 TR_t with k = 1 − 1/w, and ATR = S / 2w; nothing is ever subtracted from S. The rounding of k
 * itself leaves at most about w/2 units in the last place. Four rows a turn, as in `exponentialAverage`:
 * S_{t+j} = k^(j+1) · S_{t−1} + s_j, where the s_j = k · s_{j−1} + 2 TR_{t+j} wait for no other turn.
 */
export function averageTrueRange({ high, low, close }: PriceBars, window: number): Float64Array {
  const length = close.length;
  const averages = unwrittenColumn(length);
  const share = 0.5 / window;
  const k = 1 - 1 / window;
  const k2 = k * k;
  const k3 = k2 * k;
  const k4 = k3 * k;
  let row = 0;
  let before = NaN;
  while (row < length) {
    let seen = 0;
    let sum = 0;
    for (; seen < window && row < length; row++) {
      const range = twiceTrueRange(high[row]!, low[row]!, before);
      before = close[row]!;
      averages[row] = NaN;
      if (Number.isNaN(range)) {
        seen = sum = 0;
        continue;
      }
      seen++;
      sum += range;
    }
    if (seen < window) break;
    averages[row - 1] = sum * share;
    while (row < length - 3) {
      const c0 = close[row]!;
      const c1 = close[row + 1]!;
      const c2 = close[row + 2]!;
      const s0 = twiceTrueRange(high[row]!, low[row]!, before);
      const s1 = k * s0 + twiceTrueRange(high[row + 1]!, low[row + 1]!, c0);
      const s2 = k * s1 + twiceTrueRange(high[row + 2]!, low[row + 2]!, c1);
      const lastSum = k4 * sum + (k * s2 + twiceTrueRange(high[row + 3]!, low[row + 3]!, c2));
      if (Number.isNaN(lastSum)) break;
      averages[row] = (k * sum + s0) * share;
      averages[row + 1] = (k2 * sum + s1) * share;
      averages[row + 2] = (k3 * sum + s2) * share;
      averages[row + 3] = lastSum * share;
      sum = lastSum;
      before = close[row + 3]!;
      row += 4;
    }
    // The same turn with less than four rows, at the end of the series or up to a NaN.
    let newSum = 0;
    for (let decay = k; row < length; decay *= k) {
      const range = twiceTrueRange(high[row]!, low[row]!, before);
      before = close[row]!;
      newSum = k * newSum + range;
      averages[row++] = (decay * sum + newSum) * share;
      if (Number.isNaN(range)) break;
    }
  }
  return averages;
}

function twiceTrueRange(high: number, low: number, before: number): number {
  return high - low + (Math.abs(high - before) + Math.abs(low - before));
}
