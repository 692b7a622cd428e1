/**
 * Sample autocorrelations r[1] … r[lags] of values on a regular grid, NaN where one is missing:
 * r[k] = Σ (x[t] − x̄)(x[t + k] − x̄) / Σ (x[t] − x̄)², pairs with a missing value left out. Empty where the values do not
 * vary. Of independent values 95 % lie within ± 1.96 / √n. Source: Box, Jenkins, "Time Series Analysis", 1970, 2.1.6.
 */
export function autocorrelations(values: Float64Array, lags: number): Float64Array {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const centred = values.map((value) => (Number.isNaN(value) ? 0 : value - mean));
  const variation = centred.reduce((sum, value) => sum + value * value, 0);
  if (!(variation > 0)) return new Float64Array(0);
  return Float64Array.from({ length: Math.max(0, Math.min(lags, values.length - 1)) }, (_, at) => {
    let sum = 0;
    for (let row = at + 1; row < centred.length; row++) sum += centred[row]! * centred[row - at - 1]!;
    return sum / variation;
  });
}
