import { centredAverage } from './classical-season.js';
import { difference, differenceLags } from './sarima-model.js';

/** 5 % critical value of the KPSS test of a level (Kwiatkowski, Phillips, Schmidt & Shin 1992, table 1). */
const KPSS_LIMIT = 0.463;
/** Seasonal strength above which a seasonal difference is taken, as in R's `nsdiffs(test = "seas")`. */
const STRENGTH_LIMIT = 0.64;

/** How many differences make a series stationary: seasonal ones by its seasonal strength, then plain ones by KPSS. */
export function chooseDifferences(
  values: Float64Array,
  seasonLength: number,
  maximum: number,
  maximumSeasonal: number,
): { readonly d: number; readonly seasonalD: number } {
  const order = { p: 0, q: 0, seasonalP: 0, seasonalQ: 0, seasonLength, withConstant: false };
  let seasonalD = 0;
  const differenced = (d: number): Float64Array =>
    difference(values, differenceLags({ ...order, d, seasonalD })).filter((value) => !Number.isNaN(value));
  if (seasonLength > 1 && maximumSeasonal > 0 && seasonalStrength(values, seasonLength) > STRENGTH_LIMIT) seasonalD = 1;
  let d = 0;
  while (d < maximum && kpss(differenced(d)) > KPSS_LIMIT) d++;
  return { d, seasonalD };
}

/** η = Σ S_t² / (n²·s²(l)), S the partial sums of y − ȳ, s² with Bartlett weights up to l = ⌊3√n / 13⌋; 0 if constant. */
export function kpss(values: Float64Array): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const centred = values.map((value) => value - mean);
  const lags = Math.floor((3 * Math.sqrt(n)) / 13);
  let sum = 0;
  let squares = 0;
  let variance = 0;
  for (const value of centred) {
    sum += value;
    squares += sum * sum;
    variance += value * value;
  }
  for (let lag = 1; lag <= lags; lag++) {
    let product = 0;
    for (let t = lag; t < n; t++) product += centred[t]! * centred[t - lag]!;
    variance += 2 * (1 - lag / (lags + 1)) * product;
  }
  // A constant series has rounding errors for deviations: they are no trend.
  return variance > 1e-20 * n * (1 + mean * mean) ? squares / (n * variance) : 0;
}

/**
 * F = max(0, 1 − var R / var(S + R)) of a classical additive decomposition with a centred moving average for a trend
 * (Wang, Smith & Hyndman 2006); 0 with less than two seasons.
 */
export function seasonalStrength(values: Float64Array, seasonLength: number): number {
  const average = centredAverage(values, seasonLength);
  const detrended = values.map((value, row) => value - average[row]!);
  const sums = new Float64Array(seasonLength);
  const counts = new Float64Array(seasonLength);
  detrended.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    sums[row % seasonLength] = sums[row % seasonLength]! + value;
    counts[row % seasonLength] = counts[row % seasonLength]! + 1;
  });
  if (counts.some((count) => count === 0)) return 0;
  const remainder = detrended.map((value, row) => value - sums[row % seasonLength]! / counts[row % seasonLength]!);
  const whole = variance(detrended);
  return whole > 0 ? Math.max(0, 1 - variance(remainder) / whole) : 0;
}

function variance(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length;
}
