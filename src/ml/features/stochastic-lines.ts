import type { PriceBars } from './price-bars.js';
import { ratioOr } from './ratio.js';
import { rollingHighest, rollingLowest } from './rolling-extremes.js';
import { rollingMeans } from './rolling-moments.js';

/** Rows that the two lines of a stochastic look at. */
export interface StochasticWindows {
  readonly window: number;
  readonly smoothing: number;
  readonly signal: number;
}

/**
 * %K = 100 · (close − lowest low) / (highest high − lowest low) of the window, smoothed by a simple average of
 * `smoothing` rows; %D = simple average of `signal` values of %K. 50 where the window is flat.
 */
export function stochasticLines(
  { high, low, close }: PriceBars,
  { window, smoothing, signal }: StochasticWindows,
): Record<'k' | 'd', Float64Array> {
  const positions = rollingHighest(high, window);
  const lowest = rollingLowest(low, window);
  for (let row = 0; row < positions.length; row++) {
    const floor = lowest[row]!;
    positions[row] = 100 * ratioOr(close[row]! - floor, positions[row]! - floor, 0.5);
  }
  const k = rollingMeans(positions, smoothing);
  return { k, d: rollingMeans(k, signal) };
}

/** Rows before the first %D, where the input has none to spare. */
export function stochasticReach({ window, smoothing, signal }: StochasticWindows): number {
  return window + smoothing + signal - 3;
}
