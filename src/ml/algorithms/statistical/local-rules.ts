import { normalQuantile } from '../../metrics/normal-quantile.js';
import type { WindowRule } from '../window-rule.js';

/** What a local model makes of one complete window, in its own units. */
export interface LocalRules {
  readonly forecast: WindowRule;
  /**
   * For ascending levels, a rule that writes [horizon, levels]. Null for numbers that say nothing of the spread, which
   * models stored before they had quantiles are.
   */
  readonly quantiles: ((levels: readonly number[]) => WindowRule) | null;
}

/** Normal distributions around the forecast, their deviations known beforehand, one for each step. */
export function normalRules(forecast: WindowRule, deviations: Float64Array | null): LocalRules {
  if (deviations === null) return { forecast, quantiles: null };
  const point = new Float64Array(deviations.length);
  return {
    forecast,
    quantiles(levels) {
      const z = levels.map(normalQuantile);
      return (window, out) => {
        forecast(window, point);
        writeNormal(point, deviations, z, out);
      };
    },
  };
}

/** point + deviation · z of each step, [horizon, levels]. */
export function writeNormal(
  point: Float64Array,
  deviations: Float64Array,
  z: readonly number[],
  out: Float64Array,
): void {
  point.forEach((value, h) => {
    z.forEach((quantile, n) => (out[h * z.length + n] = value + deviations[h]! * quantile));
  });
}
