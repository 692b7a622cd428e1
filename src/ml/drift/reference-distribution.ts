import { effectiveRuns, type EffectiveRun } from './effective-count.js';
import { binCounts, quantileBorders } from './population-stability.js';

/** How values are distributed, small enough to be kept. JSON. */
export interface ReferenceDistribution {
  /** Observed values that were sorted. */
  readonly count: number;
  /** Between the bins, ascending; see `quantileBorders`. */
  readonly borders: readonly number[];
  readonly binCounts: readonly number[];
  /** Equally spaced order statistics, ascending; all values where there are few. */
  readonly quantiles: readonly number[];
  /** What runs of neighbouring rows are worth, shortest first. */
  readonly runs: readonly EffectiveRun[];
}

/** Of one input: its values, and their changes from one row to the next. */
export interface InputReference {
  readonly asset: string;
  /** Null where nothing was observed. */
  readonly values: ReferenceDistribution | null;
  readonly changes: ReferenceDistribution | null;
}

const BINS = 10;
const QUANTILES = 500;
/** Values that are sorted: of longer series every second, third, … */
const MOST_SORTED = 200_000;

/** Of a series in the order of its rows; NaN is not observed. Null without a value. */
export function referenceDistribution(series: Float64Array): ReferenceDistribution | null {
  const every = Math.ceil(series.length / MOST_SORTED);
  const ascending = series.filter((value, row) => row % every === 0 && !Number.isNaN(value)).sort();
  if (ascending.length === 0) return null;
  const borders = quantileBorders(ascending, BINS);
  const kept = Math.min(QUANTILES, ascending.length);
  return {
    count: ascending.length,
    borders,
    binCounts: binCounts(borders, ascending),
    quantiles: Array.from({ length: kept }, (_, at) => {
      const position = ((at + 0.5) * ascending.length) / kept - 0.5;
      return ascending[Math.round(position)]!;
    }),
    runs: effectiveRuns(series),
  };
}

/** Change of each row from the one before; NaN where one of the two was not observed. */
export function changesOf(series: Float64Array): Float64Array {
  return Float64Array.from({ length: Math.max(0, series.length - 1) }, (_, at) => series[at + 1]! - series[at]!);
}
