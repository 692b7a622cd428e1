import { cholesky, solveCholesky } from '../linear/cholesky.js';
import type { WindowRule } from '../window-rule.js';
import { differenceLags, multiplyLags, partsOf, rowsBefore, type LagTerms, type SarimaModel } from './sarima-model.js';

/**
 * Forecasts from one window of L rows alone. After d + mD rows of differences and p + mP rows that the autoregression
 * starts from, innovations follow from the rows; those before are unknown, and the most likely ones given the window are
 * taken: a minimises Σ e_t(a)² + Σ a², all being draws of the same σ² (unconditional least squares, Box & Jenkins 1970,
 * 7.1.4, for the moving-average part). Errors are linear in a, so that is a fixed matrix times the errors of a = 0, made
 * once. A window then costs O(L · terms).
 */
export function openSarimaWindow({ order, mean, coefficients }: SarimaModel, lookBack: number): WindowRule {
  const { ar, seasonalAr, ma, seasonalMa } = partsOf(order, coefficients);
  const arTerms = multiplyLags(ar, seasonalAr, order.seasonLength, -1);
  const maTerms = multiplyLags(ma, seasonalMa, order.seasonLength, 1);
  const differences = differenceLags(order);
  const skipped = differences.lags.at(-1) ?? 0;
  const first = rowsBefore(order);
  const rows = lookBack - first;
  if (rows < 1) throw new Error(`a window of ${lookBack} rows has no innovation of a model that needs ${first} before`);
  const unknown = maTerms.lags.at(-1) ?? 0;
  const gain = startGain(maTerms, unknown, rows);
  const moves = new Float64Array(lookBack);
  // [unknown ones, those of the window].
  const innovations = new Float64Array(unknown + rows);
  let later = { values: new Float64Array(0), moves: new Float64Array(0) };

  const filter = (): void => {
    for (let i = 0; i < rows; i++) {
      let e = moves[first + i]!;
      for (let j = 0; j < arTerms.lags.length; j++) e -= arTerms.weights[j]! * moves[first + i - arTerms.lags[j]!]!;
      for (let j = 0; j < maTerms.lags.length; j++) {
        e -= maTerms.weights[j]! * innovations[unknown + i - maTerms.lags[j]!]!;
      }
      innovations[unknown + i] = e;
    }
  };

  return (window, out) => {
    const horizon = out.length;
    if (later.values.length !== horizon) {
      later = { values: new Float64Array(horizon), moves: new Float64Array(horizon) };
    }
    for (let row = skipped; row < lookBack; row++) {
      let move = window[row]! - mean;
      for (let j = 0; j < differences.lags.length; j++) {
        move -= differences.weights[j]! * window[row - differences.lags[j]!]!;
      }
      moves[row] = move;
    }
    innovations.fill(0, 0, unknown);
    filter();
    if (unknown > 0) {
      const start = new Float64Array(unknown);
      for (let row = 0; row < rows; row++) {
        const e = innovations[unknown + row]!;
        for (let i = 0; i < unknown; i++) start[i] = start[i]! - e * gain[row * unknown + i]!;
      }
      innovations.set(start);
      filter();
    }
    for (let h = 0; h < horizon; h++) {
      let move = 0;
      for (let j = 0; j < arTerms.lags.length; j++) {
        const at = h - arTerms.lags[j]!;
        move += arTerms.weights[j]! * (at < 0 ? moves[lookBack + at]! : later.moves[at]!);
      }
      for (let j = 0; j < maTerms.lags.length; j++) {
        const at = h - maTerms.lags[j]!;
        if (at < 0) move += maTerms.weights[j]! * innovations[unknown + rows + at]!;
      }
      later.moves[h] = move;
      let value = move + mean;
      for (let j = 0; j < differences.lags.length; j++) {
        const at = h - differences.lags[j]!;
        value += differences.weights[j]! * (at < 0 ? window[lookBack + at]! : later.values[at]!);
      }
      later.values[h] = value;
      out[h] = value;
    }
  };
}

/** (RᵀR + I)⁻¹Rᵀ as [rows, unknown], R the response of each innovation of the window to each one before it. */
function startGain(maTerms: LagTerms, unknown: number, rows: number): Float64Array {
  if (unknown === 0) return new Float64Array(0);
  const responses = new Float64Array(rows * unknown);
  const e = new Float64Array(unknown + rows);
  for (let i = 0; i < unknown; i++) {
    e.fill(0);
    e[i] = 1;
    for (let row = 0; row < rows; row++) {
      let value = 0;
      maTerms.lags.forEach((lag, j) => (value -= maTerms.weights[j]! * e[unknown + row - lag]!));
      e[unknown + row] = value;
      responses[row * unknown + i] = value;
    }
  }
  const normal = new Float64Array(unknown * unknown);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < unknown; i++) {
      const left = responses[row * unknown + i]!;
      if (left === 0) continue;
      for (let j = 0; j <= i; j++)
        normal[i * unknown + j] = normal[i * unknown + j]! + left * responses[row * unknown + j]!;
    }
  }
  for (let i = 0; i < unknown; i++) normal[i * unknown + i] = normal[i * unknown + i]! + 1;
  const factor = cholesky(normal, unknown);
  if (factor === null) throw new Error('a matrix plus the identity is positive definite');
  return solveCholesky(factor, unknown, responses, rows);
}
