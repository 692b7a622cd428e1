/** p autoregressive terms, d differences, q moving-average terms. */
export interface ArimaOrder {
  readonly p: number;
  readonly d: number;
  readonly q: number;
}

/**
 * ARIMA(p, d, q) (Box & Jenkins 1970) of w = Δ^d x: w_t = c + Σ a_i w_{t−i} + e_t + Σ b_j e_{t−j}. As in R and
 * statsmodels, c is 0 where d > 0, so that a difference brings no drift.
 */
export interface ArimaModel {
  readonly d: number;
  readonly constant: number;
  readonly ar: Float64Array;
  readonly ma: Float64Array;
}

/** The random walk: its forecast is the last value. */
export const NAIVE: ArimaModel = { d: 1, constant: 0, ar: new Float64Array(0), ma: new Float64Array(0) };

/**
 * Whether w_t = Σ a_i w_{t−i} + e_t is stationary: all its partial autocorrelations, found by running the
 * Durbin–Levinson recursion backwards, lie inside (−1, 1) (Monahan 1984). Σ b_j is invertible where −b is stationary.
 */
export function isStationary(ar: Float64Array): boolean {
  let current = ar;
  for (let order = ar.length; order > 0; order--) {
    const partial = current[order - 1]!;
    if (!(Math.abs(partial) < 1)) return false;
    const shorter = new Float64Array(order - 1);
    for (let at = 0; at < order - 1; at++) {
      shorter[at] = (current[at]! + partial * current[order - 2 - at]!) / (1 - partial * partial);
    }
    current = shorter;
  }
  return true;
}

export function isInvertible(ma: Float64Array): boolean {
  return isStationary(ma.map((coefficient) => -coefficient));
}

/** Δ^d x: NaN in the first d rows and where one of the d + 1 values is missing. */
export function differences(values: Float64Array, d: number): Float64Array {
  let current = values;
  for (let times = 0; times < d; times++) {
    current = current.map((value, row) => (row === 0 ? NaN : value - current[row - 1]!));
  }
  return current;
}
