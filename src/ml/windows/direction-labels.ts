import { TrainyardError } from '../../common/errors/index.js';
import type { RowRange } from '../processing/processing-plan.js';
import type { DirectionLimits } from './direction-limits.js';
import type { TargetMatrix, WindowedData } from './windowed-data.js';

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

/**
 * The limits of each target, from the observed values of the train part alone. `SERIES_EMPTY` for a target that has no
 * two observed rows so far apart there: nothing says what its changes are like.
 */
export function directionLimits(
  targets: Pick<TargetMatrix, 'names' | 'observed'>,
  originals: readonly Float64Array[],
  train: RowRange,
  horizon: number,
  threshold: number,
): DirectionLimits {
  const limits = originals.map((series, target) => {
    const sizes = changeSizes(series, targets.observed[target]!, train, horizon);
    const missing = sizes.findIndex(Number.isNaN);
    if (missing < 0) return Array.from(sizes, (size) => threshold * size);
    throw new TrainyardError(
      'SERIES_EMPTY',
      `${targets.names[target]} has no two observed rows ${missing + 1} apart in the train part, so its changes over ` +
        `${missing + 1} steps cannot be learned: leave it out of the targets or shorten windows.horizon`,
      { asset: targets.names[target], step: missing + 1 },
    );
  });
  return { threshold, limits };
}

/** Labels [origins, horizon] of one target, original units, see `directionLabels`. Only where the task is direction. */
export function labelsOfTarget({ directions, targets }: WindowedData, target: number, origins: Int32Array): Uint8Array {
  if (directions === undefined || targets.original === undefined) throw new Error('the task is not direction');
  const limits = Float64Array.from(directions.limits[target]!);
  return directionLabels(targets.original[target]!, targets.observed[target]!, origins, limits);
}

/**
 * For each target the shares [horizon, 3] of the labels of these origins: (count + 1) / (all + 3), the rule of
 * succession, so that a direction the train part lacks is improbable and not impossible. What a classifier has to beat.
 */
export function directionShares(data: WindowedData, origins: Int32Array): Float64Array[] {
  const classes = DIRECTIONS.length;
  return data.targets.names.map((_, target) => {
    const shares = new Float64Array(data.horizon * classes).fill(1);
    labelsOfTarget(data, target, origins).forEach((label, at) => {
      if (label !== UNLABELLED) shares[(at % data.horizon) * classes + label]! += 1;
    });
    for (let first = 0; first < shares.length; first += classes) {
      const ofStep = shares.subarray(first, first + classes);
      const all = ofStep.reduce((sum, count) => sum + count, 0);
      for (let one = 0; one < classes; one++) ofStep[one]! /= all;
    }
    return shares;
  });
}
