/** Summary of the values that are there. All but the counts are null when there is none. */
export interface ColumnStatistics {
  readonly name: string;
  readonly count: number;
  readonly missing: number;
  readonly mean: number | null;
  /** Sample standard deviation (n − 1); null with fewer than two values, or when it exceeds a double's range. */
  readonly std: number | null;
  readonly min: number | null;
  readonly lowerQuartile: number | null;
  readonly median: number | null;
  readonly upperQuartile: number | null;
  readonly max: number | null;
}

/** `values`: NaN = missing. Quartiles interpolate linearly between order statistics (Hyndman and Fan 1996, type 7). */
export function summariseColumn(name: string, values: Float64Array): ColumnStatistics {
  const present = sortedPresent(values);
  const count = present.length;
  const { mean, std } = moments(present);
  return {
    name,
    count,
    missing: values.length - count,
    mean,
    std,
    min: present[0] ?? null,
    lowerQuartile: quantile(present, 0.25),
    median: quantile(present, 0.5),
    upperQuartile: quantile(present, 0.75),
    max: present[count - 1] ?? null,
  };
}

function sortedPresent(values: Float64Array): Float64Array {
  const present = new Float64Array(values.length);
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? NaN;
    if (!Number.isNaN(value)) present[count++] = value;
  }
  return present.subarray(0, count).sort();
}

/** Two passes: the deviations are taken from the final mean, so nothing cancels. */
function moments(values: Float64Array): { mean: number | null; std: number | null } {
  const count = values.length;
  if (count === 0) return { mean: null, std: null };
  let sum = 0;
  for (let at = 0; at < count; at++) sum += values[at] ?? 0;
  const mean = sum / count;
  let squares = 0;
  for (let at = 0; at < count; at++) squares += ((values[at] ?? 0) - mean) ** 2;
  return { mean: finiteOrNull(mean), std: count < 2 ? null : finiteOrNull(Math.sqrt(squares / (count - 1))) };
}

function quantile(sorted: Float64Array, share: number): number | null {
  if (sorted.length === 0) return null;
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? 0;
  const weight = position - Math.floor(position);
  return below * (1 - weight) + above * weight;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
