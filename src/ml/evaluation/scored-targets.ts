import { TrainyardError } from '../../common/errors/index.js';
import type { SeasonalScale } from '../metrics/point-metrics.js';
import { observedDeviation, seasonalScale } from '../metrics/seasonal-scale.js';
import { openTargetInverses, originalTargets } from '../processing/invert-targets.js';
import type { FittedProcessing, RowRange } from '../processing/processing-plan.js';
import { isPositional, type ForecastInverse } from '../transforms/transform-chain.js';
import type { WindowedData } from '../windows/windowed-data.js';

/** One target with all that scoring it needs. Columns have the length of the axis. */
export interface ScoredTarget {
  readonly asset: string;
  /** In the units of scaled scores. */
  readonly scaled: Float64Array;
  readonly original: Float64Array;
  readonly observed: Uint8Array;
  readonly inverse: ForecastInverse;
  /** A forecast in the units of scaled scores, from the model's numbers and those in original units. */
  readonly scaledForecast: (forecast: Float64Array, original: Float64Array) => Float64Array;
  /** Of MASE and RMSSE in either unit, see `seasonalScale`. */
  readonly seasonalScale: { readonly original: SeasonalScale | null; readonly scaled: SeasonalScale | null };
  readonly trainDeviation: number;
}

/** `SERIES_CONSTANT` for a target whose train part does not vary: its errors have no unit to be compared in. */
export function scoredTargets(data: WindowedData, fitted: FittedProcessing): ScoredTarget[] {
  const train = trainRows(data);
  const originals = originalTargets(data, fitted);
  const inverses = openTargetInverses(fitted, { times: data.times, columns: originals });
  return fitted.targets.map((chain, target) => {
    const { asset } = chain;
    const observed = data.targets.observed[target]!;
    const original = originals[target]!;
    const trainDeviation = observedDeviation(original, observed, train);
    if (trainDeviation === 0) {
      throw new TrainyardError(
        'SERIES_CONSTANT',
        `${asset} does not vary in the train part, so its errors cannot be compared: leave it out of the targets`,
        { asset },
      );
    }
    // Changes of different origins have no common level: such scores are in deviations of the original values.
    const inDeviations = (values: Float64Array): Float64Array => values.map((value) => value / trainDeviation);
    const positional = isPositional(chain);
    const scaled = positional ? inDeviations(original) : data.targets.columns[target]!;
    const scale = (series: Float64Array): SeasonalScale | null =>
      seasonalScale(series, observed, train, data.seasonLength);
    return {
      asset,
      scaled,
      original,
      observed,
      inverse: inverses[target]!,
      scaledForecast: (forecast, inOriginal) => (positional ? inDeviations(inOriginal) : forecast),
      seasonalScale: { original: scale(original), scaled: scale(scaled) },
      trainDeviation,
    };
  });
}

/** The rows that the train windows cover. */
export function trainRows({ origins: { train }, lookBack, horizon }: WindowedData): RowRange {
  if (train.length === 0) throw new TrainyardError('WINDOWS_NONE', 'there is no train window to compare with');
  return { start: train[0]! - lookBack + 1, end: train[train.length - 1]! + horizon + 1 };
}
