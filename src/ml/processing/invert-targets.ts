import { isPositional, openInverse, type ForecastInverse } from '../transforms/transform-chain.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { FittedProcessing } from './processing-plan.js';

/** Where forecasts set out from: the axis, with a time for every forecast row, and the targets in original units. */
export interface ForecastContext {
  readonly times: Float64Array;
  /** One column per target, in target order; rows after an origin are not read. */
  readonly columns: readonly Float64Array[];
}

/**
 * For each target the way of its forecasts, [origins, horizon], from scaled into original units. Scores, pictures and
 * inference all take it, so that they speak of the same numbers.
 */
export function openTargetInverses(
  { targets }: Pick<FittedProcessing, 'targets'>,
  { times, columns }: ForecastContext,
): readonly ForecastInverse[] {
  return targets.map((target, at) => openInverse(target, { times, values: columns[at]! }, target.asset));
}

/** Of forecasts [origins, horizon, targets], row-major, those of one target: [origins, horizon]. */
export function forecastsOfTarget(forecasts: Float64Array, target: number, targets: number): Float64Array {
  if (forecasts.length % targets !== 0) {
    throw new Error(`${forecasts.length} values are not whole rows of ${targets} targets`);
  }
  const column = new Float64Array(forecasts.length / targets);
  for (let at = 0; at < column.length; at++) column[at] = forecasts[at * targets + target]!;
  return column;
}

/**
 * The targets in original units, NaN where masked. Where every transform is element-wise they come back through its
 * inverse, as forecasts do: a model that repeats a value makes exactly the error of the baseline that does.
 */
export function originalTargets(data: WindowedData, { targets }: Pick<FittedProcessing, 'targets'>): Float64Array[] {
  const { times, targets: matrix } = data;
  return targets.map((target, at) => {
    if (isPositional(target)) {
      const original = matrix.original?.[at];
      if (original === undefined) throw new Error(`windowed data has the original values of ${target.asset}`);
      return original;
    }
    const values = matrix.columns[at]!;
    return openInverse(target, { times, values }, target.asset)(values, Int32Array.of(0));
  });
}
