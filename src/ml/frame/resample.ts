/** How the values of one period become one. */
export const AGGREGATIONS = ['mean', 'median', 'last', 'first', 'min', 'max', 'sum'] as const;

export type Aggregation = (typeof AGGREGATIONS)[number];

/** Periods of equal length without a break; each is known by its end, `offset` + k·`stepMs`. Milliseconds UTC. */
export interface PeriodGrid {
  readonly stepMs: number;
  readonly offset: number;
}

/** The end of the period that a time lies in: a time at a period's end belongs to it. */
export function periodEnd(time: number, { stepMs, offset }: PeriodGrid): number {
  return Math.ceil((time - offset) / stepMs) * stepMs + offset;
}

/** The ends of the periods that have a row, ascending, each once. A new array. */
export function periodEnds(times: Float64Array, grid: PeriodGrid): Float64Array {
  const ends = times.map((time) => periodEnd(time, grid));
  return ends.filter((end, row) => row === 0 || end !== ends[row - 1]);
}

/**
 * A series by periods. Row i aggregates the values that stand in (axis[i] − step, axis[i]], missing ones left out; NaN
 * where there are none. `axis`: ends of periods, ascending. A row depends on what stands at or before its own time, so
 * nothing is known earlier than it was. The mean, as sum / count, of one value is that value exactly; the median of an
 * even number is the mean of the middle two.
 */
export function resample(
  times: Float64Array,
  values: Float64Array,
  axis: Float64Array,
  grid: PeriodGrid,
  aggregation: Aggregation,
): Float64Array {
  const resampled = new Float64Array(axis.length).fill(NaN);
  let at = 0;
  for (let row = 0; row < axis.length; row++) {
    while (at < times.length && times[at]! <= axis[row]! - grid.stepMs) at++;
    const start = at;
    while (at < times.length && times[at]! <= axis[row]!) at++;
    const observed = values.subarray(start, at).filter((value) => !Number.isNaN(value));
    if (observed.length > 0) resampled[row] = aggregate(observed, aggregation);
  }
  return resampled;
}

/** `values`: at least one, no NaN. */
function aggregate(values: Float64Array, aggregation: Aggregation): number {
  switch (aggregation) {
    case 'first':
      return values[0]!;
    case 'last':
      return values[values.length - 1]!;
    case 'min':
      return values.reduce((least, value) => Math.min(least, value));
    case 'max':
      return values.reduce((most, value) => Math.max(most, value));
    case 'sum':
      return values.reduce((sum, value) => sum + value);
    case 'mean':
      return values.reduce((sum, value) => sum + value) / values.length;
    case 'median': {
      const sorted = values.slice().sort();
      const upper = sorted.length >> 1;
      return sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2;
    }
  }
}
