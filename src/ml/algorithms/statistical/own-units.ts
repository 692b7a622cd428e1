import type { WindowedData } from '../../windows/windowed-data.js';
import type { ModelState } from '../algorithm.js';
import { numbersFact, relateOwnSeries, straightLine, type OwnSeries } from '../own-series.js';

/**
 * The units that a local model works in: original ones where inputs and targets are straight lines of them (multiplicative
 * seasons then mean what users think they mean, whatever the scaling), else those of the scaled target. One number per
 * target.
 */
export interface OwnUnits {
  /** From an input value to the model's units. */
  readonly own: OwnSeries;
  /** From the model's units to the scaled target: outSlope · value + outIntercept. */
  readonly outSlopes: readonly number[];
  readonly outIntercepts: readonly number[];
  /** The train part of each target in the model's units, NaN where masked. */
  readonly series: readonly Float64Array[];
}

/** Looks at the rows that train windows cover, at nothing later. */
export function findOwnUnits(data: WindowedData): OwnUnits {
  const { targets, inputs, origins, lookBack, horizon } = data;
  const start = (origins.train[0] ?? 0) - lookBack + 1;
  const end = (origins.train.at(-1) ?? -1) + horizon + 1;
  const scaled = relateOwnSeries(data);
  const slopes = [...scaled.slopes];
  const intercepts = [...scaled.intercepts];
  const outSlopes = targets.names.map(() => 1);
  const outIntercepts = targets.names.map(() => 0);
  const series = targets.columns.map((column, k) => {
    const original = targets.isPositional === true ? undefined : targets.original?.[k];
    if (original === undefined) return column.slice(start, end);
    const inward = straightLine(inputs.columns[targets.inputs[k]!]!, original, end);
    const outward = straightLine(original, column, end);
    if (inward === null || outward === null) return column.slice(start, end);
    slopes[k] = inward.slope;
    intercepts[k] = inward.intercept;
    outSlopes[k] = outward.slope;
    outIntercepts[k] = outward.intercept;
    return original.slice(start, end);
  });
  return { own: { columns: scaled.columns, slopes, intercepts }, outSlopes, outIntercepts, series };
}

export function readOutUnits(state: ModelState): Pick<OwnUnits, 'outSlopes' | 'outIntercepts'> {
  return { outSlopes: numbersFact(state, 'outSlopes'), outIntercepts: numbersFact(state, 'outIntercepts') };
}
