import { anchorGram, weightedWindowGram, windowGram } from './window-gram.js';
import { cholesky, solveCholesky } from './cholesky.js';
import { sumOfQuadraticForms } from './matrix-vector.js';

/**
 * What least squares needs of the data: XᵀX [inputs, inputs], YᵀX [outputs, inputs], the trace of YᵀY and the number of
 * windows. The first `windowInputs` inputs are the window, oldest first. Where there are features at the origin, they follow,
 * and a constant 1 is the last input.
 */
export interface NormalEquations {
  readonly windowInputs: number;
  readonly inputs: number;
  readonly outputs: number;
  /** The number of windows, or the sum of their weights. */
  readonly windows: number;
  readonly xx: Float64Array;
  readonly yx: Float64Array;
  readonly yy: number;
}

/**
 * Normal equations of one series, each window minus its last value: inputs v[t − lookBack + 1 … t − 1] − v[t] (the last
 * one is always 0 and is left out), the centred `features` at t and, with features, a constant; outputs
 * v[t + 1 … t + horizon] − v[t]. Without features there is no constant: a drift of the train part is no forecast. With
 * `weights`, one for each origin, a window counts as if it were there so many times.
 */
export function normalEquations(
  series: Float64Array,
  origins: Int32Array,
  lookBack: number,
  horizon: number,
  features: readonly CentredColumn[],
  weights?: Float64Array,
): NormalEquations {
  const windowInputs = lookBack - 1;
  const constant = { values: new Float64Array(series.length).fill(1), mean: 0 };
  const columns = features.length > 0 ? [...features, constant] : [];
  const inputs = windowInputs + columns.length;
  const length = lookBack + horizon;
  const centre = origins.length > 0 ? series[origins[0]!]! : 0;
  const ofWindows = weights
    ? weightedWindowGram(series, origins, weights, lookBack, horizon, centre)
    : windowGram(series, origins, lookBack, horizon, centre);
  const gram = anchorGram(ofWindows, length, lookBack - 1);
  const xx = new Float64Array(inputs * inputs);
  const yx = new Float64Array(horizon * inputs);
  for (let i = 0; i < windowInputs; i++) {
    const row = i * length;
    xx.set(gram.subarray(row, row + windowInputs), i * inputs);
    for (let h = 0; h < horizon; h++) yx[h * inputs + i] = gram[row + lookBack + h]!;
  }
  let yy = 0;
  for (let i = lookBack; i < length; i++) yy += gram[i * length + i]!;
  const windows = weights?.reduce((sum, weight) => sum + weight, 0) ?? origins.length;
  const equations = { windowInputs, inputs, outputs: horizon, windows, xx, yx, yy };
  addColumns(equations, series, origins, lookBack, columns, weights);
  return equations;
}

/** A feature column and the mean that is subtracted from it, so that its penalty leaves the level alone. */
export interface CentredColumn {
  readonly values: Float64Array;
  readonly mean: number;
}

function addColumns(
  equations: NormalEquations,
  series: Float64Array,
  origins: Int32Array,
  lookBack: number,
  columns: readonly CentredColumn[],
  weights?: Float64Array,
): void {
  const { windowInputs, inputs, outputs, xx, yx } = equations;
  columns.forEach(({ values, mean }, f) => {
    const row = (windowInputs + f) * inputs;
    for (let at = 0; at < origins.length; at++) {
      const origin = origins[at]!;
      const feature = (values[origin]! - mean) * (weights?.[at] ?? 1);
      const last = series[origin]!;
      const start = origin - lookBack + 1;
      for (let i = 0; i < windowInputs; i++) xx[row + i]! += feature * (series[start + i]! - last);
      for (let g = 0; g <= f; g++) {
        const other = columns[g]!;
        xx[row + windowInputs + g]! += feature * (other.values[origin]! - other.mean);
      }
      for (let h = 0; h < outputs; h++)
        yx[h * inputs + windowInputs + f]! += feature * (series[origin + 1 + h]! - last);
    }
  });
  for (let i = windowInputs; i < inputs; i++) {
    for (let j = 0; j < i; j++) xx[j * inputs + i] = xx[i * inputs + j]!;
  }
}

/** The equations of all windows of both; same inputs and outputs. */
export function addEquations(a: NormalEquations, b: NormalEquations): NormalEquations {
  return {
    ...a,
    windows: a.windows + b.windows,
    xx: a.xx.map((value, at) => value + b.xx[at]!),
    yx: a.yx.map((value, at) => value + b.yx[at]!),
    yy: a.yy + b.yy,
  };
}

/** The same problem without the features at the origin. */
export function withoutFeatures(equations: NormalEquations): NormalEquations {
  const { windowInputs, inputs, outputs, xx, yx } = equations;
  const smaller = new Float64Array(windowInputs * windowInputs);
  for (let i = 0; i < windowInputs; i++) {
    smaller.set(xx.subarray(i * inputs, i * inputs + windowInputs), i * windowInputs);
  }
  const narrower = new Float64Array(outputs * windowInputs);
  for (let h = 0; h < outputs; h++) {
    narrower.set(yx.subarray(h * inputs, h * inputs + windowInputs), h * windowInputs);
  }
  return { ...equations, inputs: windowInputs, xx: smaller, yx: narrower };
}

/**
 * Ridge weights W [outputs, inputs]: W·(XᵀX + Λ) = YᵀX. Λ is diagonal, `lambda` times the mean diagonal of XᵀX within
 * the block (window, features) an input belongs to: the same lambda means the same at any scale and length of the data.
 * The constant is not penalised.
 * Null when the matrix is singular to working precision, which only a larger lambda cures.
 * Source: Hoerl & Kennard, Ridge Regression, Technometrics 12 (1970).
 */
export function solveRidge(equations: NormalEquations, lambda: number): Float64Array | null {
  const { windowInputs, inputs, outputs, xx, yx } = equations;
  const penalised = xx.slice();
  for (const [from, to] of [
    [0, windowInputs],
    [windowInputs, inputs - 1],
  ] as const) {
    let trace = 0;
    for (let i = from; i < to; i++) trace += xx[i * inputs + i]!;
    // A block without any variation (a constant series) carries no information: any penalty makes its weights 0.
    const unit = trace > 0 ? trace / (to - from) : 1;
    for (let i = from; i < to; i++) penalised[i * inputs + i]! += lambda * unit;
  }
  const factor = cholesky(penalised, inputs);
  return factor && solveCholesky(factor, inputs, yx, outputs);
}

/**
 * Mean squared error of weights on the windows of `equations`, which may be others than those W was solved on:
 * (tr YᵀY − 2·tr W·XᵀY + tr W·XᵀX·Wᵀ) / (windows · outputs). Costs no pass over the data.
 */
export function meanSquaredErrorOf(weights: Float64Array, equations: NormalEquations): number {
  const { inputs, outputs, windows, xx, yx, yy } = equations;
  let linear = 0;
  for (let at = 0; at < yx.length; at++) linear += weights[at]! * yx[at]!;
  // Rounding can push the difference of large sums below zero when the fit is exact.
  return Math.max(0, yy - 2 * linear + sumOfQuadraticForms(xx, inputs, weights, outputs)) / (windows * outputs);
}
