import type { Forecaster } from '../algorithms/algorithm.js';
import type { ForecastInverse } from '../transforms/transform-chain.js';
import type { InputMatrix } from '../windows/windowed-data.js';

/** Intervals of one target by split conformal prediction: what is added to a point forecast, in original units. */
export interface ConformalTarget {
  readonly asset: string;
  /** Coverages that the validation part was large enough for, ascending, between 0 and 1. */
  readonly coverages: readonly number[];
  /** Validation residuals of each step that the intervals were calibrated on. */
  readonly residuals: readonly number[];
  /** By coverage and step: the interval of step h is [forecast + lower, forecast + upper]. */
  readonly lower: readonly (readonly number[])[];
  readonly upper: readonly (readonly number[])[];
}

/**
 * How a model says how sure it is. Plain JSON: the artifact `forecast-intervals.json`. An interval of coverage c goes
 * from the quantile (1 − c) / 2 to the quantile (1 + c) / 2, so each end stands for a quantile, too.
 */
export type ForecastIntervals =
  | { readonly format: 1; readonly method: 'split-conformal'; readonly targets: readonly ConformalTarget[] }
  /** The algorithm's own, see `Forecaster.forecastQuantiles`; the same coverages for all targets. */
  | { readonly format: 1; readonly method: 'quantiles'; readonly coverages: readonly number[] };

/** Lower and upper ends of one coverage, [origins, horizon] in original units. */
export interface IntervalForecast {
  readonly coverage: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** The coverages that a target has intervals of, ascending. */
export function coveragesOf(intervals: ForecastIntervals, target: number): readonly number[] {
  return intervals.method === 'quantiles' ? intervals.coverages : intervals.targets[target]!.coverages;
}

/** Both ends of an interval as quantile levels. */
export function quantileLevels(coverage: number): readonly [number, number] {
  return [(1 - coverage) / 2, (1 + coverage) / 2];
}

/** A model with what its intervals need besides its point forecasts. */
export interface IntervalSource {
  readonly forecaster: Forecaster;
  readonly inputs: InputMatrix;
  readonly future?: InputMatrix;
  readonly horizon: number;
  /** One per target, from scaled into original units. */
  readonly inverses: readonly ForecastInverse[];
}

/**
 * For each target its intervals, by ascending coverage, around `forecasts`: the point forecasts of each target,
 * [origins, horizon] in original units. A wider coverage holds a narrower one.
 */
export async function intervalsAround(
  intervals: ForecastIntervals,
  source: IntervalSource,
  origins: Int32Array,
  forecasts: readonly Float64Array[],
): Promise<readonly (readonly IntervalForecast[])[]> {
  if (intervals.method === 'quantiles') return ownIntervals(intervals.coverages, source, origins);
  const { horizon } = source;
  return forecasts.map((values, target) => {
    const { coverages, lower, upper } = intervals.targets[target]!;
    const shifted = (by: readonly number[]): Float64Array => values.map((value, at) => value + by[at % horizon]!);
    return coverages.map((coverage, at) => ({ coverage, lower: shifted(lower[at]!), upper: shifted(upper[at]!) }));
  });
}

/** Levels of both ends of intervals of these coverages, ascending. */
const endLevels = (coverages: readonly number[]): number[] =>
  coverages.flatMap((coverage) => [...quantileLevels(coverage)]).sort((one, other) => one - other);

async function ownIntervals(
  coverages: readonly number[],
  source: IntervalSource,
  origins: Int32Array,
): Promise<readonly (readonly IntervalForecast[])[]> {
  const { forecaster, inputs, future } = source;
  if (forecaster.forecastQuantiles === undefined) throw new Error('the model has no quantiles of its own');
  const quantiles = await forecaster.forecastQuantiles(inputs, origins, endLevels(coverages), future);
  return intervalsOfQuantiles(coverages, quantiles, source, origins);
}

/** `quantiles` at `endLevels` of the coverages. */
function intervalsOfQuantiles(
  coverages: readonly number[],
  quantiles: Float64Array,
  { horizon, inverses }: IntervalSource,
  origins: Int32Array,
): readonly (readonly IntervalForecast[])[] {
  const levels = endLevels(coverages);
  const rows = origins.length * horizon;
  if (quantiles.length !== rows * inverses.length * levels.length) {
    throw new Error(
      `${quantiles.length} quantiles for ${origins.length} origins, expected [origins, ${horizon}, ${inverses.length}, ${levels.length}]`,
    );
  }
  return inverses.map((inverse, target) => {
    const end = (level: number): Float64Array => {
      const at = levels.indexOf(level);
      const scaled = Float64Array.from(
        { length: rows },
        (_, row) => quantiles[(row * inverses.length + target) * levels.length + at]!,
      );
      return inverse(scaled, origins);
    };
    return coverages.map((coverage) => {
      const [low, high] = quantileLevels(coverage);
      return { coverage, lower: end(low), upper: end(high) };
    });
  });
}

/**
 * Point forecasts in scaled units, [origins, horizon, targets], and the intervals around them once they are known in
 * original units, see `intervalsAround`: from one pass over the windows where the model can.
 */
export async function forecastWithIntervals(
  intervals: ForecastIntervals | null,
  source: IntervalSource,
  origins: Int32Array,
): Promise<{
  readonly forecasts: Float64Array;
  intervals(originals: readonly Float64Array[]): Promise<readonly (readonly IntervalForecast[])[]>;
}> {
  const { forecaster, inputs, future } = source;
  if (intervals?.method === 'quantiles' && forecaster.forecastWithQuantiles !== undefined) {
    const { coverages } = intervals;
    const made = await forecaster.forecastWithQuantiles(inputs, origins, endLevels(coverages), future);
    const around = intervalsOfQuantiles(coverages, made.quantiles, source, origins);
    return { forecasts: made.forecasts, intervals: async () => around };
  }
  return {
    forecasts: await forecaster.forecast(inputs, origins, future),
    intervals: async (originals) =>
      intervals === null ? originals.map(() => []) : intervalsAround(intervals, source, origins, originals),
  };
}
