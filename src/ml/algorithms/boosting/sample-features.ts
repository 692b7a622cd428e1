import type { InputMatrix, WindowedData } from '../../windows/windowed-data.js';
import type { ModelState } from '../algorithm.js';
import { numberFact, numbersFact, ownValue, type OwnSeries } from '../own-series.js';

/**
 * What the trees read of one sample, a forecast of one target for row t + h from origin t. v is the target's own series in
 * target units, `level` is v[t], or 0 without last-value normalisation; values of v count from the level.
 *
 * The same for all steps: v[t], v[t − 1] … v[t − lags + 1] (without v[t] where it is the level), mean and deviation of the
 * window and of its last season, features of the target and of the time axis at t, known-future covariates at t, number
 * of the target where one ensemble serves several.
 * Of the step: h, v one, two, three seasons before the forecast row (the latest ones in the window; missing where there is
 * none), covariates at the forecast row and one season before it.
 */
export interface FeaturePlan {
  readonly lookBack: number;
  readonly isNormalised: boolean;
  /** Rows before t that are read. */
  readonly lags: number;
  /** 0 where the window holds no season. */
  readonly season: number;
  readonly seasons: number;
  /** By feature, then by target: positions among the input columns. */
  readonly featureColumns: readonly (readonly number[])[];
  readonly covariates: number;
  readonly readsTarget: boolean;
  readonly readsStep: boolean;
}

const MOST_SEASONS = 3;

export function planFeatures(
  data: WindowedData,
  given: {
    readonly isNormalised: boolean;
    readonly lags: number;
    readonly featureColumns: readonly (readonly number[])[];
    readonly readsTarget: boolean;
    readonly readsStep: boolean;
  },
): FeaturePlan {
  const { lookBack, seasonLength } = data;
  const seasons = seasonLength < 2 ? 0 : Math.min(MOST_SEASONS, Math.floor(lookBack / seasonLength));
  return {
    ...given,
    lookBack,
    lags: Math.min(given.lags, lookBack),
    season: seasons === 0 ? 0 : seasonLength,
    seasons,
    covariates: data.future?.columns.length ?? 0,
  };
}

/** As facts of a model state, and back. */
export function planFacts(plan: FeaturePlan): ModelState['facts'] {
  const { isNormalised, lags, season, seasons, featureColumns, covariates, readsTarget, readsStep } = plan;
  return {
    isNormalised,
    lags,
    season,
    seasons,
    covariates,
    readsTarget,
    readsStep,
    // [features, targets], row-major.
    featureColumns: featureColumns.flat(),
  };
}

export function readPlan(state: ModelState): FeaturePlan {
  const flat = numbersFact(state, 'featureColumns');
  const targets = state.targets.length;
  return {
    lookBack: state.lookBack,
    isNormalised: state.facts['isNormalised'] === true,
    lags: numberFact(state, 'lags'),
    season: numberFact(state, 'season'),
    seasons: numberFact(state, 'seasons'),
    covariates: numberFact(state, 'covariates'),
    readsTarget: state.facts['readsTarget'] === true,
    readsStep: state.facts['readsStep'] === true,
    featureColumns: Array.from({ length: flat.length / targets }, (_, at) =>
      flat.slice(at * targets, (at + 1) * targets),
    ),
  };
}

/** Columns of a sample that are the same for all steps, and all of them. */
export function featureWidths(plan: FeaturePlan): { readonly fixed: number; readonly all: number } {
  const fixed = lagCount(plan) + statisticSpans(plan).length * 2 + plan.featureColumns.length + plan.covariates;
  const shared = fixed + (plan.readsTarget ? 1 : 0);
  return { fixed: shared, all: shared + (plan.readsStep ? 1 : 0) + plan.seasons + aheadCount(plan) };
}

/** Names of all columns, in their order. */
export function featureNames(plan: FeaturePlan, features: readonly string[], covariates: readonly string[]): string[] {
  const first = plan.isNormalised ? 1 : 0;
  return [
    ...Array.from({ length: lagCount(plan) }, (_, at) => `lag ${at + first}`),
    ...statisticSpans(plan).flatMap((span) => [`mean of ${span}`, `deviation of ${span}`]),
    ...features,
    ...covariates.map((name) => `${name} at the origin`),
    ...(plan.readsTarget ? ['target'] : []),
    ...(plan.readsStep ? ['step'] : []),
    ...Array.from({ length: plan.seasons }, (_, at) => `${at + 1} seasons before`),
    ...covariates.flatMap((name) => [name, ...(plan.season > 0 ? [`${name} a season before`] : [])]),
  ];
}

const lagCount = ({ lags, isNormalised }: FeaturePlan): number => lags - (isNormalised ? 1 : 0);

const aheadCount = ({ covariates, season }: FeaturePlan): number => covariates * (season > 0 ? 2 : 1);

/** Rows of the last season, where it is shorter than the window, and of the window. */
export function statisticSpans({ lookBack, season }: FeaturePlan): number[] {
  if (lookBack < 3) return [];
  return season >= 3 && season < lookBack ? [season, lookBack] : [lookBack];
}

/** Where the rows of a sample are read. */
export interface SampleSource {
  /** The target's own series in target units, and the row of the origin in it. */
  readonly series: Float64Array;
  readonly at: number;
  /** The origin among the rows of `inputs` and `future`. */
  readonly origin: number;
  readonly target: number;
  readonly inputs: InputMatrix;
  readonly future: InputMatrix | undefined;
}

export const levelOf = (plan: FeaturePlan, { series, at }: SampleSource): number =>
  plan.isNormalised ? series[at]! : 0;

/** What does not depend on the step, into `out` from element `to` on. */
export function writeFixed(plan: FeaturePlan, source: SampleSource, out: Float64Array, to: number): void {
  const { series, at, origin, target, inputs, future } = source;
  const level = levelOf(plan, source);
  for (let lag = plan.isNormalised ? 1 : 0; lag < plan.lags; lag++) out[to++] = series[at - lag]! - level;
  for (const span of statisticSpans(plan)) {
    let [sum, squares] = [0, 0];
    for (let row = at - span + 1; row <= at; row++) {
      const value = series[row]! - level;
      sum += value;
      squares += value * value;
    }
    const mean = sum / span;
    out[to++] = mean;
    out[to++] = Math.sqrt(Math.max(0, squares / span - mean * mean));
  }
  for (const columns of plan.featureColumns) out[to++] = inputs.columns[columns[target]!]![origin]!;
  for (let c = 0; c < plan.covariates; c++) out[to++] = future!.columns[c]![origin]!;
  if (plan.readsTarget) out[to] = target;
}

/** What depends on the step: `step` rows after `at` in the series, `ahead` rows after the origin in the covariates. */
export function writeStep(
  plan: FeaturePlan,
  source: SampleSource,
  step: number,
  ahead: number,
  out: Float64Array,
  to: number,
): void {
  const { series, at, origin, future } = source;
  const { season, seasons, lookBack } = plan;
  const level = levelOf(plan, source);
  if (plan.readsStep) out[to++] = step;
  // Whole seasons that lead from the forecast row back to the origin or before it.
  const back = season === 0 ? 0 : Math.ceil(step / season) * season;
  for (let n = 0; n < seasons; n++) {
    const row = at + step - back - n * season;
    out[to++] = row > at - lookBack ? series[row]! - level : Number.NaN;
  }
  for (let c = 0; c < plan.covariates; c++) {
    const column = future!.columns[c]!;
    out[to++] = column[origin + ahead]!;
    if (season === 0) continue;
    const before = ahead - Math.ceil(ahead / season) * season;
    out[to++] = before > -lookBack ? column[origin + before]! : Number.NaN;
  }
}

/** Every target's own series in target units over all rows. */
export function ownColumns(inputs: InputMatrix, own: OwnSeries): Float64Array[] {
  return own.columns.map((column, k) =>
    Float64Array.from({ length: inputs.columns[column]!.length }, (_, row) => ownValue(inputs, own, k, row)),
  );
}
