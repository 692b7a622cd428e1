import type { Prediction } from '../inference/index.js';
import type { ForecastOutcome } from '../ml/monitoring/live-scores.js';

/** Where a forecast value stands. */
export interface PlacedOutcome extends ForecastOutcome {
  /** From 1. */
  readonly step: number;
  /** ISO 8601. */
  readonly time: string;
}

/** The values of a prediction that came, in the order of assets and steps; `find` gives undefined where none has. */
export function* outcomesOf(
  { window, forecasts }: Prediction,
  find: (asset: string, time: string) => number | undefined,
): Generator<PlacedOutcome> {
  for (const forecast of forecasts) {
    const { asset, times, mean, probabilities, flatWithin, intervals } = forecast;
    const series = window.series[asset] ?? [];
    const naive = series.findLast((value) => value !== null) ?? NaN;
    const known = series.at(-1) ?? NaN;
    for (const [at, time] of times.entries()) {
      const actual = find(asset, time);
      if (actual === undefined) continue;
      yield {
        asset,
        step: at + 1,
        time,
        actual,
        naive,
        known,
        intervals: intervals.map(({ coverage, lower, upper }) => ({
          coverage,
          lower: lower[at]!,
          upper: upper[at]!,
        })),
        ...(mean === undefined ? {} : { forecast: mean[at]! }),
        ...(probabilities === undefined || flatWithin === undefined
          ? {}
          : {
              probabilities: [probabilities.down[at]!, probabilities.flat[at]!, probabilities.up[at]!] as const,
              flatWithin: flatWithin[at]!,
            }),
      };
    }
  }
}

/** The time range of each forecast asset of some predictions, ISO 8601. */
export function forecastRanges(
  predictions: readonly Prediction[],
): ReadonlyMap<string, { readonly from: string; readonly to: string }> {
  const ranges = new Map<string, { from: string; to: string }>();
  for (const { asset, times } of predictions.flatMap(({ forecasts }) => forecasts)) {
    const [from, to] = [times[0], times.at(-1)];
    if (from === undefined || to === undefined) continue;
    const range = ranges.get(asset);
    if (range === undefined) ranges.set(asset, { from, to });
    else {
      if (from < range.from) range.from = from;
      if (to > range.to) range.to = to;
    }
  }
  return ranges;
}
