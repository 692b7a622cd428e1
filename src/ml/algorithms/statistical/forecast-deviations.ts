import type { EtsKind, Smoothing } from './ets-model.js';
import { differenceLags, multiplyLags, partsOf, type SarimaModel } from './sarima-model.js';

/** σ·√(1 + Σ_{0<j<h} response(j)²) for h = 1 … horizon: errors of variance σ² that each go on as `response` says. */
function accumulated(variance: number, horizon: number, response: (steps: number) => number): Float64Array {
  const deviations = new Float64Array(horizon);
  let sum = 1;
  for (let h = 1; h <= horizon; h++) {
    deviations[h - 1] = Math.sqrt(variance * sum);
    sum += response(h) ** 2;
  }
  return deviations;
}

/**
 * Deviation of each forecast step of a model with additive errors: an error is still felt j rows later by
 * c_j = α + β·(φ + … + φ^j) + γ·[j is a multiple of the season].
 * Source: Hyndman, Koehler, Ord & Snyder 2008, table 6.1.
 */
export function etsDeviations(
  { season }: EtsKind,
  { alpha, beta, gamma, phi }: Smoothing,
  seasonLength: number,
  variance: number,
  horizon: number,
): Float64Array {
  let damped = 0;
  let weight = 1;
  return accumulated(variance, horizon, (j) => {
    weight *= phi;
    damped += weight;
    return alpha + beta * damped + (season !== 'N' && j % seasonLength === 0 ? gamma : 0);
  });
}

/** Deviation of each forecast step from the ψ weights of the whole process, differences included: σ²·Σ_{j<h} ψ_j². */
export function sarimaDeviations(
  { order, coefficients }: Pick<SarimaModel, 'order' | 'coefficients'>,
  variance: number,
  horizon: number,
): Float64Array {
  const { ar, seasonalAr, ma, seasonalMa } = partsOf(order, coefficients);
  const arTerms = multiplyLags(ar, seasonalAr, order.seasonLength, -1);
  const maTerms = multiplyLags(ma, seasonalMa, order.seasonLength, 1);
  const differences = differenceLags(order);
  const moves = [1];
  const values = [1];
  return accumulated(variance, horizon, (j) => {
    const past = ({ lags, weights }: typeof arTerms, of: readonly number[]): number =>
      lags.reduce((sum, lag, i) => sum + weights[i]! * (of[j - lag] ?? 0), 0);
    const at = maTerms.lags.indexOf(j);
    moves[j] = past(arTerms, moves) + (at < 0 ? 0 : maTerms.weights[at]!);
    values[j] = moves[j] + past(differences, values);
    return values[j];
  });
}

/** Simple exponential smoothing with a drift: an error stays with its share α. */
export const thetaDeviations = (alpha: number, variance: number, horizon: number): Float64Array =>
  accumulated(variance, horizon, () => alpha);

/**
 * σ·√(k + 1), k whole seasons before step h: the season repeated is a random walk of seasons.
 * Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.5.
 */
export const repeatDeviations = (seasonLength: number, deviation: number, horizon: number): Float64Array =>
  Float64Array.from({ length: horizon }, (_, h) => deviation * Math.sqrt(Math.floor(h / seasonLength) + 1));

/** √ mean of (y[t] − y[t − S])², over rows that are both there; 0 where there are none. */
export function repeatDeviation(series: Float64Array, seasonLength: number): number {
  let squares = 0;
  let count = 0;
  for (let row = seasonLength; row < series.length; row++) {
    const change = series[row]! - series[row - seasonLength]!;
    if (Number.isNaN(change)) continue;
    squares += change * change;
    count++;
  }
  return count > 0 ? Math.sqrt(squares / count) : 0;
}
