/**
 * Centred moving average over one season (2×m for even m), NaN in the first and last half season and where one of its
 * rows is missing. Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 3.3.
 */
export function centredAverage(values: Float64Array, seasonLength: number): Float64Array {
  const half = Math.floor(seasonLength / 2);
  const isEven = seasonLength % 2 === 0;
  const average = new Float64Array(values.length).fill(NaN);
  for (let row = half; row + half < values.length; row++) {
    let sum = 0;
    for (let at = row - half; at <= row + half; at++) sum += values[at]!;
    if (isEven) sum -= (values[row - half]! + values[row + half]!) / 2;
    average[row] = sum / seasonLength;
  }
  return average;
}

/**
 * Classical decomposition: the mean of y − T (or of y / T) of each phase, T the centred average, adjusted to a mean of 0
 * (or 1). Phases count from the first row. Null when a phase has no such row: two seasons of complete rows always do.
 */
export function classicalSeason(values: Float64Array, seasonLength: number, multiplies: boolean): Float64Array | null {
  const average = centredAverage(values, seasonLength);
  const season = new Float64Array(seasonLength);
  const counts = new Float64Array(seasonLength);
  for (let row = 0; row < values.length; row++) {
    const part = multiplies ? values[row]! / average[row]! : values[row]! - average[row]!;
    if (part !== part) continue;
    const phase = row % seasonLength;
    season[phase] = season[phase]! + part;
    counts[phase] = counts[phase]! + 1;
  }
  let mean = 0;
  for (let phase = 0; phase < seasonLength; phase++) {
    if (counts[phase] === 0) return null;
    season[phase] = season[phase]! / counts[phase]!;
    mean += season[phase]! / seasonLength;
  }
  for (let phase = 0; phase < seasonLength; phase++) {
    season[phase] = multiplies ? season[phase]! / mean : season[phase]! - mean;
  }
  return season;
}

/** 90 % of a normal distribution, both sides. */
const NORMAL_90 = 1.645;

/**
 * Whether the autocorrelation at lag m is outside its 90 % limits: |r_m| > 1.645·√((1 + 2 Σ_{i<m} r_i²) / n), the test of
 * Assimakopoulos & Nikolopoulos. Pairs of rows count where both are observed.
 */
export function isSeasonal(values: Float64Array, seasonLength: number): boolean {
  let count = 0;
  let mean = 0;
  for (const value of values) {
    if (value !== value) continue;
    count++;
    mean += value;
  }
  mean /= count;
  if (count < 2 * seasonLength) return false;
  const product = (lag: number): number => {
    let sum = 0;
    for (let row = lag; row < values.length; row++) {
      const term = (values[row]! - mean) * (values[row - lag]! - mean);
      if (term === term) sum += term;
    }
    return sum;
  };
  const variance = product(0);
  if (!(variance > 0)) return false;
  let squares = 0;
  for (let lag = 1; lag < seasonLength; lag++) squares += (product(lag) / variance) ** 2;
  return Math.abs(product(seasonLength) / variance) > NORMAL_90 * Math.sqrt((1 + 2 * squares) / count);
}
