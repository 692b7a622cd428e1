/** Summary of the values that are there; all but the counts are null when there is none. */
export interface FeatureStatistics {
  readonly count: number;
  readonly missing: number;
  readonly mean: number | null;
  /** Sample standard deviation (n − 1); null with fewer than two values, or beyond a double's range. */
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** `values`: NaN = missing. Two passes, so that nothing cancels. */
export function summariseFeature(values: Float64Array): FeatureStatistics {
  let [count, sum, min, max] = [0, 0, Infinity, -Infinity];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const missing = values.length - count;
  if (count === 0) return { count, missing, mean: null, std: null, min: null, max: null };
  const mean = sum / count;
  let squares = 0;
  for (const value of values) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  const std = count < 2 ? null : finiteOrNull(Math.sqrt(squares / (count - 1)));
  return { count, missing, mean: finiteOrNull(mean), std, min: finiteOrNull(min), max: finiteOrNull(max) };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
