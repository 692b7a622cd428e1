import type { SeasonalScale } from './point-metrics.js';

/**
 * q of MASE and s² of RMSSE: the means of |y[t] − y[t − m]| and of (y[t] − y[t − m])² over the rows t of [start + m, end) where both values were observed, with m
 * the season. Null when there is no such pair or when it is 0 (a train part that repeats itself exactly): MASE is not
 * defined then. Source: Hyndman, Koehler (2006), see `PointMetrics`; m = 1 gives their non-seasonal form.
 */
export function seasonalScale(
  series: Float64Array,
  observed: Uint8Array,
  rows: { readonly start: number; readonly end: number },
  season: number,
): SeasonalScale | null {
  let sum = 0;
  let squares = 0;
  let pairs = 0;
  for (let row = rows.start + season; row < rows.end; row++) {
    if (observed[row] !== 1 || observed[row - season] !== 1) continue;
    const change = Math.abs(series[row]! - series[row - season]!);
    sum += change;
    squares += change * change;
    pairs += 1;
  }
  return squares === 0 ? null : { absolute: sum / pairs, squared: squares / pairs };
}

/**
 * Population standard deviation √(Σ (y − ȳ)² / n) of the observed rows of [start, end), two passes; 0 for none.
 */
export function observedDeviation(
  series: Float64Array,
  observed: Uint8Array,
  rows: { readonly start: number; readonly end: number },
): number {
  let sum = 0;
  let count = 0;
  for (let row = rows.start; row < rows.end; row++) {
    if (observed[row] !== 1) continue;
    sum += series[row]!;
    count += 1;
  }
  if (count === 0) return 0;
  const mean = sum / count;
  let squares = 0;
  for (let row = rows.start; row < rows.end; row++) {
    if (observed[row] === 1) squares += (series[row]! - mean) ** 2;
  }
  return Math.sqrt(squares / count);
}
