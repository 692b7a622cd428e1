import { isInvertible, isStationary } from '../../features/arima/arima-model.js';

/** ARIMA(p, d, q)(P, D, Q)[m]; m = 1 has no seasonal part. */
export interface SarimaOrder {
  readonly p: number;
  readonly d: number;
  readonly q: number;
  readonly seasonalP: number;
  readonly seasonalD: number;
  readonly seasonalQ: number;
  readonly seasonLength: number;
  readonly withConstant: boolean;
}

/**
 * φ(B)·Φ(B^m)·(w_t − μ) = θ(B)·Θ(B^m)·e_t with w = (1 − B)^d (1 − B^m)^D y, φ(B) = 1 − Σ φ_i B^i and
 * θ(B) = 1 + Σ θ_j B^j. μ is 0 without a constant; with d + D = 1 it is a drift.
 * Source: Box & Jenkins 1970, chapter 9.
 */
export interface SarimaModel {
  readonly order: SarimaOrder;
  readonly mean: number;
  /** φ, Φ, θ, Θ one after the other. */
  readonly coefficients: Float64Array;
}

/** The terms of a polynomial in B that are not 0, without that of B⁰. */
export interface LagTerms {
  readonly lags: readonly number[];
  readonly weights: readonly number[];
}

export interface SarimaParts {
  readonly ar: Float64Array;
  readonly seasonalAr: Float64Array;
  readonly ma: Float64Array;
  readonly seasonalMa: Float64Array;
}

export function partsOf({ p, q, seasonalP, seasonalQ }: SarimaOrder, coefficients: Float64Array): SarimaParts {
  const cut = [p, p + seasonalP, p + seasonalP + q, p + seasonalP + q + seasonalQ] as const;
  return {
    ar: coefficients.subarray(0, cut[0]),
    seasonalAr: coefficients.subarray(cut[0], cut[1]),
    ma: coefficients.subarray(cut[1], cut[2]),
    seasonalMa: coefficients.subarray(cut[2], cut[3]),
  };
}

/** Σ weights·x[t − lag] that follows from (1 ∓ Σ a_i B^i)(1 ∓ Σ A_j B^{mj}): `sign` −1 for φ and Φ, 1 for θ and Θ. */
export function multiplyLags(
  plain: Float64Array,
  seasonal: Float64Array,
  seasonLength: number,
  sign: 1 | -1,
): LagTerms {
  const terms = new Map<number, number>();
  const add = (lag: number, weight: number): void => void terms.set(lag, (terms.get(lag) ?? 0) + weight);
  plain.forEach((weight, i) => add(i + 1, weight));
  seasonal.forEach((weight, j) => {
    add((j + 1) * seasonLength, weight);
    plain.forEach((other, i) => add((j + 1) * seasonLength + i + 1, sign * weight * other));
  });
  const lags = [...terms.keys()].sort((a, b) => a - b);
  return { lags, weights: lags.map((lag) => terms.get(lag)!) };
}

/** y_t = w_t + Σ weights·y[t − lag] for w = (1 − B)^d (1 − B^m)^D y. */
export function differenceLags({ d, seasonalD, seasonLength }: SarimaOrder): LagTerms {
  let polynomial = [1];
  const times = (lag: number): void => {
    const next = Array.from({ length: polynomial.length + lag }, (_, at) => polynomial[at] ?? 0);
    polynomial.forEach((weight, at) => (next[at + lag] = next[at + lag]! - weight));
    polynomial = next;
  };
  for (let i = 0; i < d; i++) times(1);
  for (let i = 0; i < seasonalD; i++) times(seasonLength);
  const lags = polynomial.map((_, lag) => lag).filter((lag) => lag > 0 && polynomial[lag] !== 0);
  return { lags, weights: lags.map((lag) => -polynomial[lag]!) };
}

/** w of y; NaN in the first rows and where one of its terms is missing. */
export function difference(values: Float64Array, { lags, weights }: LagTerms): Float64Array {
  return values.map((value, row) =>
    lags.reduce((sum, lag, i) => sum - weights[i]! * (row < lag ? NaN : values[row - lag]!), value),
  );
}

/** Rows before the first innovation of a window: differences, then autoregressive lags. */
export function rowsBefore({ p, d, seasonalP, seasonalD, seasonLength }: SarimaOrder): number {
  return d + seasonalD * seasonLength + p + seasonalP * seasonLength;
}

/** How far outside the unit circle the roots of an estimated polynomial lie, at least: R's `auto.arima` asks for 1.01. */
const ROOT_MARGIN = 1.01;

/** Whether all four polynomials have their roots outside a circle of radius 1.01. */
export function isAllowed(order: SarimaOrder, coefficients: Float64Array): boolean {
  const { ar, seasonalAr, ma, seasonalMa } = partsOf(order, coefficients);
  const pushed = (part: Float64Array): Float64Array => part.map((value, at) => value * ROOT_MARGIN ** (at + 1));
  return (
    isStationary(pushed(ar)) &&
    isStationary(pushed(seasonalAr)) &&
    isInvertible(pushed(ma)) &&
    isInvertible(pushed(seasonalMa))
  );
}

export function sarimaName(order: SarimaOrder): string {
  const { p, d, q, seasonalP, seasonalD, seasonalQ, seasonLength, withConstant } = order;
  const season =
    seasonalP + seasonalD + seasonalQ > 0 ? `(${seasonalP},${seasonalD},${seasonalQ})[${seasonLength}]` : '';
  const constant = withConstant ? (d + seasonalD > 0 ? ' with drift' : ' with mean') : '';
  return `ARIMA(${p},${d},${q})${season}${constant}`;
}
