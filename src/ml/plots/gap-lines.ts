import { largeGaps, openGapForecast } from '../gaps/gap-classifier.js';
import type { RowRange } from '../processing/processing-plan.js';
import type { ForecastPicture } from './forecast-picture.js';
import type { GapLines } from './gap-strip.js';

/** Large gaps of a target over the whole axis: masked, and shaded in the picture. */
export function largeGapsOf({ data, fitted }: Pick<ForecastPicture, 'data' | 'fitted'>, target: number): RowRange[] {
  return largeGaps(data.targets.observed[target]!, { start: 0, end: data.times.length }, fitted.smallGapRows);
}

/** The probabilities over the validation and the test part; null for a target without a classifier. */
export function gapLines({ data, fitted, gaps, parts }: ForecastPicture, target: number): GapLines | null {
  const present = data.targets.observed[target]!;
  const forecast = gaps === null ? null : openGapForecast(gaps, fitted.targets[target]!.asset, present);
  if (forecast === null) return null;
  const { times, horizon, lookBack } = data;
  const first = Math.max(parts.train.end, present.indexOf(1) + lookBack);
  const count = Math.max(0, parts.test.end - first);
  const rows = Int32Array.from({ length: count }, (_, at) => first + at);
  return {
    probability: {
      rows,
      times: Float64Array.from(rows, (row) => times[row]!),
      values: Float64Array.from(rows, (row, at) => {
        const step = (at % horizon) + 1;
        return forecast({ origin: row - step, step }, times[row]!);
      }),
    },
    missing: largeGaps(present, { start: 0, end: times.length }, 0),
  };
}
