import type { WindowedData } from '../../windows/windowed-data.js';
import type { CentredColumn } from './centred-column.js';
import type { OriginFeature } from './origin-features.js';

/** The columns of a ridge model besides the window, with what each loses before it is weighed. */
export interface RidgeColumns {
  readonly features: readonly OriginFeature[];
  /** By target: its features at the origin, then the covariates there. */
  readonly atOrigin: readonly (readonly CentredColumn[])[];
  /** The known-future covariates as they are read at the forecast rows. */
  readonly covariates: readonly CentredColumn[];
  /** By target, the level that windows lose; null where they lose their last value. */
  readonly levels: Float64Array | null;
}

/** Means are those of the train windows, weighted as these are. */
export function ridgeColumns(
  data: WindowedData,
  features: readonly OriginFeature[],
  { knownFuture, normalisation }: { readonly knownFuture: string; readonly normalisation: string },
): RidgeColumns {
  const { horizon, inputs, targets, future } = data;
  const columns = knownFuture === 'none' || future === undefined ? [] : future.columns;
  const centred = (values: Float64Array, rows: number): CentredColumn => ({
    values,
    mean: trainMean(data, values, rows),
  });
  const covariatesAtOrigin = columns.map((values) => centred(values, 0));
  return {
    features,
    atOrigin: targets.names.map((_, k) => [
      ...features.map((feature) => centred(inputs.columns[feature.columns[k]!]!, 0)),
      ...covariatesAtOrigin,
    ]),
    covariates: columns.map((values) => centred(values, horizon)),
    levels:
      normalisation === 'none' ? Float64Array.from(targets.columns, (values) => trainMean(data, values, 0)) : null,
  };
}

/** Mean over the train origins: of the values there, or of those in the `rows` rows after each. */
function trainMean({ origins: { train }, weights }: WindowedData, values: Float64Array, rows: number): number {
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? train.length;
  let sum = 0;
  for (let at = 0; at < train.length; at++) {
    const weight = weights?.[at] ?? 1;
    const origin = train[at]!;
    if (rows === 0) sum += values[origin]! * weight;
    for (let row = origin + 1; row <= origin + rows; row++) sum += values[row]! * weight;
  }
  return sum / (total * Math.max(1, rows));
}
