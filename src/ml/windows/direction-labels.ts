import type { RowRange } from '../processing/processing-plan.js';

/** The classes of a change, in the order of their labels: 0, 1, 2. */
export const DIRECTIONS = ['down', 'flat', 'up'] as const;

export type Direction = (typeof DIRECTIONS)[number];

/** Label of a change that has no direction, because one of its ends was not observed. */
export const UNLABELLED = 255;

/**
 * s[h − 1] = √ mean (y[t + h] − y[t])² for h = 1 … horizon, over the rows t with t and t + h in `rows`, both observed:
 * the usual size of a change over h steps, about 0 as directions are. NaN where there is no such pair.
 */
export function changeSizes(series: Float64Array, observed: Uint8Array, rows: RowRange, horizon: number): Float64Array {
  return Float64Array.from({ length: horizon }, (_, at) => {
    const step = at + 1;
    let squares = 0;
    let pairs = 0;
    for (let row = rows.start; row + step < rows.end; row++) {
      if (observed[row] !== 1 || observed[row + step] !== 1) continue;
      squares += (series[row + step]! - series[row]!) ** 2;
      pairs += 1;
    }
    return Math.sqrt(squares / pairs);
  });
}

/**
 * Label of one change: flat (1) within `limit` of 0, `limit` itself included, otherwise down (0) or up (2). With the
 * limit 0 only equal values are flat. UNLABELLED when change or limit is NaN.
 */
export function directionOf(change: number, limit: number): number {
  if (Number.isNaN(change) || Number.isNaN(limit)) return UNLABELLED;
  if (Math.abs(change) <= limit) return 1;
  return change > 0 ? 2 : 0;
}

/**
 * Labels [origins, horizon], row-major, of the changes from each origin t to t + h; `limits[h − 1]` is the largest
 * change that counts as flat. Only changes between observed values have a direction, the others are UNLABELLED. What
 * classifiers are trained on, and what the directions of forecasts are compared with.
 */
export function directionLabels(
  series: Float64Array,
  observed: Uint8Array,
  origins: Int32Array,
  limits: Float64Array,
): Uint8Array {
  const horizon = limits.length;
  const labels = new Uint8Array(origins.length * horizon).fill(UNLABELLED);
  origins.forEach((origin, window) => {
    if (observed[origin] !== 1) return;
    for (let step = 1; step <= horizon; step++) {
      const row = origin + step;
      if (observed[row] !== 1) continue;
      labels[window * horizon + step - 1] = directionOf(series[row]! - series[origin]!, limits[step - 1]!);
    }
  });
  return labels;
}
