import { normalQuantile } from '../../metrics/normal-quantile.js';
import { writeNormalShares } from '../direction/change-shares.js';
import type { WindowRule } from '../window-rule.js';

/** What a local model makes of one complete window, in its own units. */
export interface LocalRules {
  readonly forecast: WindowRule;
  /**
   * For ascending levels, a rule that writes [horizon, levels]. Null for numbers that say nothing of the spread, which
   * models stored before they had quantiles are.
   */
  readonly quantiles: ((levels: readonly number[]) => WindowRule) | null;
  /**
   * For the largest flat change of each step, a rule that writes the probabilities of down, flat and up from the last
   * value of the window, [horizon, 3]. Null where `quantiles` is.
   */
  readonly changes: ((limits: Float64Array) => WindowRule) | null;
}

/** Normal distributions around the forecast, their deviations known beforehand, one for each step. */
export function normalRules(forecast: WindowRule, deviations: Float64Array | null): LocalRules {
  if (deviations === null) return { forecast, quantiles: null, changes: null };
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
    changes: (limits) => (window, out) => {
      forecast(window, point);
      writeNormalChanges(point, deviations, window, limits, out);
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

/** Probabilities of down, flat and up of each step, [horizon, 3]. */
export function writeNormalChanges(
  point: Float64Array,
  deviations: Float64Array,
  window: Float64Array,
  limits: Float64Array,
  out: Float64Array,
): void {
  const last = window[window.length - 1]!;
  point.forEach((value, h) => writeNormalShares(value - last, deviations[h]!, limits[h]!, out, h * 3));
}
