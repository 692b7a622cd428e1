import { coveragesOf, quantileLevels } from '../ml/evaluation/forecast-intervals.js';
import type { SeriesCalendar } from '../ml/processing/processing-plan.js';
import type { ModelBundle } from '../registry/index.js';

/** What a caller has to know of a model to ask it, and to read its answer. */
export interface ForecastSignature {
  /** All whose series go in, in the order of rows without names. */
  readonly assets: readonly string[];
  /** Of these those that are forecast, in the order of the answer. */
  readonly targets: readonly string[];
  /** Of these those whose values at the forecast rows are known. */
  readonly knownFuture: readonly string[];
  readonly lookBack: number;
  readonly horizon: number;
  readonly calendar: SeriesCalendar;
  /** Where `latest` rows come from. */
  readonly datasetId: string;
  /** True: it gives probabilities of directions in place of values. */
  readonly tellsDirections: boolean;
  /** By target, ascending: the quantiles that can be asked for. */
  readonly levels: readonly (readonly number[])[];
}

/** Bundles never change. */
const signatures = new WeakMap<ModelBundle, ForecastSignature>();

export function signatureOf(bundle: ModelBundle): ForecastSignature {
  const known = signatures.get(bundle) ?? readSignature(bundle);
  signatures.set(bundle, known);
  return known;
}

function readSignature({ version, state, fitted, intervals }: ModelBundle): ForecastSignature {
  const tellsDirections = state.task === 'direction';
  return {
    assets: fitted.plan.assets.map(({ id }) => id),
    targets: state.targets,
    knownFuture: fitted.plan.knownFuture?.assets ?? [],
    lookBack: state.lookBack,
    horizon: state.horizon,
    calendar: fitted.calendar,
    datasetId: version.datasetId,
    tellsDirections,
    levels: state.targets.map((_, target) =>
      tellsDirections ? [] : levelsOf(intervals === null ? [] : coveragesOf(intervals, target)),
    ),
  };
}

/** The point forecast stands for it. */
export const MEDIAN = 0.5;

/** Both ends of each coverage, and the median; ascending. */
export function levelsOf(coverages: readonly number[]): number[] {
  const ends = coverages.flatMap((coverage) => quantileLevels(coverage).map(plainLevel));
  return [...new Set([...ends, MEDIAN])].sort((one, other) => one - other);
}

/** (1 − 0.8) / 2 is 0.09999999999999998: levels are what people write, so they are told apart by twelve digits. */
export function plainLevel(level: number): number {
  return Number(level.toPrecision(12));
}
