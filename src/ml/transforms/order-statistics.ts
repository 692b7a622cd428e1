/** The numbers of a column in ascending order, NaN left out. */
export function sortedNumbers(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}

/**
 * Quantile p of ascending numbers by linear interpolation between neighbours: type 7 of Hyndman & Fan, "Sample Quantiles
 * in Statistical Packages", The American Statistician 50 (1996), the default of NumPy and R. At least one number.
 */
export function quantile(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p;
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (at - below) * (high - low);
}
