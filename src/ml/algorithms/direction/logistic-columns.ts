import type { InputMatrix, WindowedData } from '../../windows/windowed-data.js';
import type { ModelState } from '../algorithm.js';
import { numberFact, numbersFact } from '../own-series.js';

/**
 * What logistic regression reads of one window, all assets at once. Of each series the latest changes from row to row,
 * x[t] − x[t − 1] and so on, newest first, and x[t] where levels count; each feature at the origin; known-future
 * covariates at the origin and, last, at the row that is forecast.
 */
export interface LogisticColumns {
  /** Positions among the input columns. */
  readonly series: readonly number[];
  readonly features: readonly number[];
  /** Of each series; less than the look-back. */
  readonly changes: number;
  readonly hasLevel: boolean;
  readonly covariates: number;
}

export function logisticColumns(
  data: WindowedData,
  given: { readonly lags: number; readonly hasLevel: boolean; readonly readsFeatures: boolean },
): LogisticColumns {
  const { names, assets } = data.inputs;
  const isSeries = (at: number): boolean => data.targets.inputs.includes(at) || assets?.[at] === names[at];
  const positions = names.map((_, at) => at);
  return {
    series: positions.filter(isSeries),
    features: given.readsFeatures ? positions.filter((at) => !isSeries(at)) : [],
    changes: Math.min(given.lags, data.lookBack - 1),
    hasLevel: given.hasLevel,
    covariates: data.future?.columns.length ?? 0,
  };
}

/** Columns of a window, and of them those that are the same for all steps. */
export function columnCounts({ series, features, changes, hasLevel, covariates }: LogisticColumns): {
  readonly all: number;
  readonly fixed: number;
} {
  const fixed = series.length * (changes + (hasLevel ? 1 : 0)) + features.length + covariates;
  return { fixed, all: fixed + covariates };
}

/** Everything but the covariates at the forecast row, into `out` from element `to` on. */
export function writeFixedColumns(
  { series, features, changes, hasLevel, covariates }: LogisticColumns,
  inputs: InputMatrix,
  future: InputMatrix | undefined,
  origin: number,
  out: Float64Array,
  to: number,
): void {
  for (const position of series) {
    const column = inputs.columns[position]!;
    for (let back = 0; back < changes; back++) out[to++] = column[origin - back]! - column[origin - back - 1]!;
    if (hasLevel) out[to++] = column[origin]!;
  }
  for (const position of features) out[to++] = inputs.columns[position]![origin]!;
  for (let c = 0; c < covariates; c++) out[to++] = future!.columns[c]![origin]!;
}

/** The covariates at one row, into `out` from element `to` on. */
export function writeCovariates(
  { covariates }: LogisticColumns,
  future: InputMatrix | undefined,
  row: number,
  out: Float64Array,
  to: number,
): void {
  for (let c = 0; c < covariates; c++) out[to + c] = future!.columns[c]![row]!;
}

/** As facts of a model state, and back. */
export function columnFacts({ series, features, changes, hasLevel, covariates }: LogisticColumns): ModelState['facts'] {
  return { seriesColumns: [...series], featureColumns: [...features], changes, hasLevel, covariates };
}

export function readColumns(state: ModelState): LogisticColumns {
  return {
    series: numbersFact(state, 'seriesColumns'),
    features: numbersFact(state, 'featureColumns'),
    changes: numberFact(state, 'changes'),
    hasLevel: state.facts['hasLevel'] === true,
    covariates: numberFact(state, 'covariates'),
  };
}
