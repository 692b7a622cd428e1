import { cholesky, solveCholesky } from '../../algorithms/linear/cholesky.js';
import { isInvertible, isStationary } from './arima-model.js';
import { LeastSquares } from './least-squares.js';

/** A window of w with its missing values, measured from an anchor, and which of its rows are compared. */
export interface FitRows {
  readonly moves: Float64Array;
  /** 1 where a row counts: itself and the `lead` rows before it are observed. */
  readonly counted: Uint8Array;
  readonly count: number;
}

export interface ArmaFit {
  /** Of the moves measured from the anchor; 0 without a constant. */
  readonly constant: number;
  readonly ar: Float64Array;
  readonly ma: Float64Array;
  /** Σ e² over the counted rows. */
  readonly squares: number;
}

const MAXIMUM_ITERATIONS = 60;

/**
 * ARMA(p, q) by conditional sum of squares (Box & Jenkins 1970, 7.1): Σ e_t² over the counted rows with
 * e_t = w_t − c − Σ a_i w_{t−i} − Σ b_j e_{t−j}, innovations before a run of counted rows being 0. Begun with Hannan &
 * Rissanen's two regressions (1982), then Levenberg–Marquardt with exact derivatives, which obey the same recursion:
 * ∂e_t/∂θ = −(regressor of θ) − Σ b_j ∂e_{t−j}/∂θ. Steps that leave the stationary and invertible region are refused like
 * steps that do not descend, so the result is in it. Deterministic; null when no step can be computed.
 */
export function fitConditionalSum(rows: FitRows, p: number, q: number, withConstant: boolean): ArmaFit | null {
  const size = p + q + (withConstant ? 1 : 0);
  let parameters = feasible(startingValues(rows, p, q, withConstant), p, q);
  let current = derive(rows, parameters, p, q, size);
  let damping = 1e-3;
  for (let iteration = 0; iteration < MAXIMUM_ITERATIONS && Number.isFinite(current.squares); iteration++) {
    const step = solveDamped(current, size, damping);
    if (step === null) return null;
    const tried = parameters.map((value, at) => value + step[at]!);
    const next = isFeasible(tried, p, q) ? derive(rows, tried, p, q, size) : null;
    if (next !== null && next.squares < current.squares) {
      const gained = (current.squares - next.squares) / current.squares;
      parameters = tried;
      current = next;
      damping = Math.max(damping / 10, 1e-12);
      if (gained < 1e-11) break;
    } else {
      damping *= 10;
      if (damping > 1e12) break;
    }
  }
  if (!Number.isFinite(current.squares)) return null;
  const [ar, ma] = [parameters.slice(0, p), parameters.slice(p, p + q)];
  return { constant: withConstant ? parameters[size - 1]! : 0, ar, ma, squares: current.squares };
}

/** The sum at these parameters with its half gradient Jᵀe and JᵀJ, lower triangle. */
interface Derived {
  readonly squares: number;
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
}

function derive(rows: FitRows, parameters: Float64Array, p: number, q: number, size: number): Derived {
  const { moves, counted } = rows;
  const gradient = new Float64Array(size);
  const curvature = new Float64Array(size * size);
  // Of the last q rows, newest first; 0 before a run begins.
  const innovations = new Float64Array(q);
  const slopes = new Float64Array(q * size);
  const slope = new Float64Array(size);
  const constant = size > p + q ? parameters[size - 1]! : 0;
  let squares = 0;
  for (let row = 0; row < moves.length; row++) {
    if (counted[row] === 0) {
      innovations.fill(0);
      slopes.fill(0);
      continue;
    }
    let innovation = moves[row]! - constant;
    for (let i = 0; i < p; i++) {
      const lagged = moves[row - 1 - i]!;
      innovation -= parameters[i]! * lagged;
      slope[i] = -lagged;
    }
    for (let j = 0; j < q; j++) {
      innovation -= parameters[p + j]! * innovations[j]!;
      slope[p + j] = -innovations[j]!;
    }
    if (size > p + q) slope[size - 1] = -1;
    for (let j = 0; j < q; j++) {
      const weight = parameters[p + j]!;
      for (let at = 0; at < size; at++) slope[at] = slope[at]! - weight * slopes[j * size + at]!;
    }
    squares += innovation * innovation;
    for (let i = 0; i < size; i++) {
      gradient[i] = gradient[i]! + slope[i]! * innovation;
      for (let j = 0; j <= i; j++) curvature[i * size + j] = curvature[i * size + j]! + slope[i]! * slope[j]!;
    }
    innovations.copyWithin(1, 0);
    slopes.copyWithin(size, 0);
    innovations[0] = innovation;
    slopes.set(slope);
  }
  return { squares, gradient, curvature };
}

/** −(JᵀJ + damping·diag)⁻¹ Jᵀe; null when it is not finite. */
function solveDamped({ gradient, curvature }: Derived, size: number, damping: number): Float64Array | null {
  const matrix = curvature.slice();
  for (let i = 0; i < size; i++) {
    const at = i * size + i;
    matrix[at] = matrix[at]! * (1 + damping) + Number.MIN_VALUE;
  }
  const factor = cholesky(matrix, size);
  if (factor === null) return null;
  const step = solveCholesky(factor, size, gradient, 1).map((value) => -value);
  return step.every(Number.isFinite) ? step : null;
}

/** Hannan & Rissanen: innovations of a long autoregression stand in for e in one more regression. */
function startingValues({ moves, counted, count }: FitRows, p: number, q: number, withConstant: boolean): Float64Array {
  const long = Math.max(1, Math.min(p + q + 6, Math.floor(count / 4)));
  const observed = (from: number, to: number) => !moves.subarray(from, to + 1).some(Number.isNaN);
  const first = new LeastSquares(long + 2);
  const regressors = (row: number) =>
    Float64Array.from({ length: long + 2 }, (_, at) => (at > long ? 1 : moves[row - at]!));
  const usable = Array.from(moves.keys()).filter((row) => row >= long && observed(row - long, row));
  for (const row of usable) first.add(regressors(row));
  const { coefficients } = first.fit(Array.from({ length: long + 1 }, (_, at) => at + 1));
  const innovations = new Float64Array(moves.length).fill(NaN);
  for (const row of usable) {
    const values = regressors(row);
    innovations[row] = coefficients.reduce((left, weight, at) => left - weight * values[at + 1]!, values[0]!);
  }
  const second = new LeastSquares(p + q + 2);
  for (const row of moves.keys()) {
    if (counted[row] === 0 || row < q || innovations.subarray(row - q, row).some(Number.isNaN)) continue;
    const lags = Array.from({ length: p }, (_, at) => moves[row - 1 - at]!);
    const past = Array.from({ length: q }, (_, at) => innovations[row - 1 - at]!);
    second.add(Float64Array.of(moves[row]!, ...lags, ...past, 1));
  }
  const size = p + q + (withConstant ? 1 : 0);
  return second.fit(Array.from({ length: size }, (_, at) => at + 1)).coefficients;
}

function isFeasible(parameters: Float64Array, p: number, q: number): boolean {
  return isStationary(parameters.subarray(0, p)) && isInvertible(parameters.subarray(p, p + q));
}

/** Moves the roots outwards, coefficient i by 0.9^i, until they are where they may be. */
function feasible(parameters: Float64Array, p: number, q: number): Float64Array {
  const result = parameters.map((value) => (Number.isFinite(value) ? value : 0));
  const [ar, ma] = [result.subarray(0, p), result.subarray(p, p + q)];
  const shrink = (part: Float64Array) => part.forEach((value, at) => (part[at] = value * 0.9 ** (at + 1)));
  while (!isStationary(ar)) shrink(ar);
  while (!isInvertible(ma)) shrink(ma);
  return result;
}
