import type { Forecaster } from '../algorithms/algorithm.js';
import {
  forecastWithIntervals,
  type ForecastIntervals,
  type IntervalForecast,
} from '../evaluation/forecast-intervals.js';
import { forecastsOfTarget, openTargetInverses, originalTargets } from '../processing/invert-targets.js';
import type { FittedProcessing } from '../processing/processing-plan.js';
import type { WindowedData } from '../windows/windowed-data.js';

/** Forecasts laid end to end over a part, so that they can be drawn as one line beside the actual one. */
export interface ForecastTrace {
  readonly part: 'validation' | 'test';
  /** Last input row of each forecast, ascending. */
  readonly origins: Int32Array;
  /** Forecast row of each value, ascending: [origins · horizon]. */
  readonly rows: Int32Array;
  /** One array per target, in original units, as long as `rows`. */
  readonly values: readonly Float64Array[];
  /** For each target its intervals by ascending coverage, ends as long as `rows`; empty without intervals. */
  readonly intervals: readonly (readonly IntervalForecast[])[];
}

/**
 * Forecasts of windows that do not overlap: every `horizon` rows, counted back from the last window, so that the end
 * of the part is covered. Where windows are missing, the next complete one before is taken. Null without windows.
 */
export async function traceForecasts(
  data: WindowedData,
  fitted: FittedProcessing,
  forecaster: Forecaster,
  part: 'validation' | 'test',
  intervals: ForecastIntervals | null = null,
): Promise<ForecastTrace | null> {
  const all = data.origins[part];
  if (all.length === 0) return null;
  const { horizon } = data;
  const tiles: number[] = [];
  for (let at = all.length - 1; at >= 0; at--) {
    const last = tiles[tiles.length - 1];
    if (last === undefined || all[at]! <= last - horizon) tiles.push(all[at]!);
  }
  const origins = Int32Array.from(tiles.reverse());
  const rows = Int32Array.from({ length: origins.length * horizon }, (_, at) => {
    return origins[Math.floor(at / horizon)]! + 1 + (at % horizon);
  });
  const inverses = openTargetInverses(fitted, { times: data.times, columns: originalTargets(data, fitted) });
  const source = { forecaster, inputs: data.inputs, future: data.future, horizon, inverses };
  const made = await forecastWithIntervals(intervals, source, origins);
  const values = inverses.map((inverse, target) =>
    inverse(forecastsOfTarget(made.forecasts, target, inverses.length), origins),
  );
  return { part, origins, rows, values, intervals: await made.intervals(values) };
}
