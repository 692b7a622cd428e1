import { addAhead, aheadEquations, selectAhead, type AheadEquations } from './ahead-equations.js';
import type { CentredColumn } from './centred-column.js';
import { cholesky, solvePositiveDefinite } from './cholesky.js';
import { sumOfQuadraticForms } from './matrix-vector.js';
import { anchorGram, weightedWindowGram, windowGram } from './window-gram.js';

/**
 * What least squares needs of the data: XᵀX [inputs, inputs], YᵀX [outputs, inputs], the trace of YᵀY and the number of
 * windows. The first `windowInputs` inputs are the window, oldest first. Where there are columns at the origin, they
 * follow, and a constant 1 is the last input.
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
  /** Inputs that each output has of its own: covariates at its forecast row. */
  readonly ahead?: AheadEquations;
}

/** One series that windows are taken of. */
export interface EquationSeries {
  readonly values: Float64Array;
  /** Inputs at the origin, as many for every series. */
  readonly columns: readonly CentredColumn[];
  /** What windows and outputs lose instead of the window's last value; with it there is always a constant. */
  readonly level?: number;
}

export interface EquationOptions {
  /** One for each origin: a window counts as if it were there so many times. */
  readonly weights?: Float64Array;
  /** Covariates that are read at the forecast rows. */
  readonly ahead?: readonly CentredColumn[];
}

/**
 * Normal equations of the windows of some series, each minus its last value: inputs v[t − lookBack + 1 … t − 1] − v[t]
 * (the last one is always 0 and is left out), the centred `columns` at t and, with columns, a constant; outputs
 * v[t + 1 … t + horizon] − v[t]. Without columns there is no constant: a drift of the train part is no forecast.
 *
 * With a `level` m it is subtracted in place of v[t]: inputs v[t − lookBack + 1 … t] − m, the columns and a constant;
 * outputs v[t + 1 … t + horizon] − m. Either all series have a level or none.
 */
export function normalEquations(
  series: readonly EquationSeries[],
  origins: Int32Array,
  lookBack: number,
  horizon: number,
  { weights, ahead = [] }: EquationOptions = {},
): NormalEquations {
  const { columns, level } = series[0]!;
  const hasLevel = level !== undefined;
  const windowInputs = hasLevel ? lookBack : lookBack - 1;
  const hasConstant = columns.length > 0 || hasLevel;
  const inputs = windowInputs + columns.length + (hasConstant ? 1 : 0);
  const length = lookBack + horizon;
  const centred = series.map(({ values, level: own }) => ({
    values,
    centre: own ?? (origins.length > 0 ? values[origins[0]!]! : 0),
  }));
  const ofWindows = weights
    ? weightedWindowGram(centred, origins, weights, lookBack, horizon)
    : windowGram(centred, origins, lookBack, horizon);
  const gram = hasLevel ? ofWindows : anchorGram(ofWindows, length, lookBack - 1);
  const xx = new Float64Array(inputs * inputs);
  const yx = new Float64Array(horizon * inputs);
  for (let i = 0; i < windowInputs; i++) {
    const row = i * length;
    xx.set(gram.subarray(row, row + windowInputs), i * inputs);
    spread(gram.subarray(row + lookBack, row + length), yx, i, inputs);
  }
  let yy = 0;
  for (let i = lookBack; i < length; i++) yy += gram[i * length + i]!;
  const windows = series.length * (weights?.reduce((sum, weight) => sum + weight, 0) ?? origins.length);
  const equations = { windowInputs, inputs, outputs: horizon, windows, xx, yx, yy };
  const parts: AheadEquations[] = [];
  series.forEach(({ values, columns: own, level: ownLevel }, k) => {
    const constant = { values: new Float64Array(values.length).fill(1), mean: 0 };
    const extra = hasConstant ? [...own, constant] : [];
    addColumns(equations, values, origins, lookBack, extra, weights, ownLevel);
    if (ahead.length === 0) return;
    const window = { series: values, origins, lookBack, horizon, columns: extra, ...(weights && { weights }) };
    parts.push(aheadEquations({ ...window, level: ownLevel ?? null, centre: centred[k]!.centre }, ahead));
  });
  for (let i = windowInputs; i < inputs; i++) {
    for (let j = 0; j < i; j++) xx[j * inputs + i] = xx[i * inputs + j]!;
  }
  return { ...equations, ...(parts.length > 0 && { ahead: parts.reduce(addAhead) }) };
}

/** Each `step`-th element of `into`, from `first` on. */
function spread(values: Float64Array, into: Float64Array, first: number, step: number): void {
  for (let n = 0; n < values.length; n++) into[first + n * step] = values[n]!;
}

function addColumns(
  equations: NormalEquations,
  series: Float64Array,
  origins: Int32Array,
  lookBack: number,
  columns: readonly CentredColumn[],
  weights: Float64Array | undefined,
  level: number | undefined,
): void {
  const { windowInputs, inputs, outputs, xx, yx } = equations;
  columns.forEach(({ values, mean }, f) => {
    const row = (windowInputs + f) * inputs;
    for (let at = 0; at < origins.length; at++) {
      const origin = origins[at]!;
      const feature = (values[origin]! - mean) * (weights?.[at] ?? 1);
      const last = level ?? series[origin]!;
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
}

/** The same problem with some of the inputs only, ascending; `ahead` says whether the covariates stay. */
export function selectInputs(equations: NormalEquations, kept: readonly number[], ahead: boolean): NormalEquations {
  const { inputs, outputs, xx, yx } = equations;
  const size = kept.length;
  if (size === inputs && ahead === (equations.ahead !== undefined)) return equations;
  const smaller = new Float64Array(size * size);
  kept.forEach((i, row) => kept.forEach((j, column) => (smaller[row * size + column] = xx[i * inputs + j]!)));
  const narrower = new Float64Array(outputs * size);
  for (let h = 0; h < outputs; h++) {
    kept.forEach((i, column) => (narrower[h * size + column] = yx[h * inputs + i]!));
  }
  return {
    ...equations,
    inputs: size,
    xx: smaller,
    yx: narrower,
    ahead: ahead && equations.ahead ? selectAhead(equations.ahead, inputs, kept) : undefined,
  };
}

/** The diagonal of Λ; see `solveRidge`. */
function penalties({ windowInputs, inputs, xx }: NormalEquations, lambda: number): Float64Array {
  const diagonal = new Float64Array(inputs);
  for (const [from, to] of [
    [0, windowInputs],
    [windowInputs, inputs - 1],
  ] as const) {
    let trace = 0;
    for (let i = from; i < to; i++) trace += xx[i * inputs + i]!;
    // A block without any variation (a constant series) carries no information: any penalty makes its weights 0.
    const unit = trace > 0 ? trace / (to - from) : 1;
    for (let i = from; i < to; i++) diagonal[i] = lambda * unit;
  }
  return diagonal;
}

/** XᵀX + Λ as its Cholesky factor; see `solveRidge`. */
export function penalisedFactor(equations: NormalEquations, lambda: number): Float64Array | null {
  const { inputs } = equations;
  const penalised = equations.xx.slice();
  penalties(equations, lambda).forEach((penalty, i) => (penalised[i * inputs + i]! += penalty));
  return cholesky(penalised, inputs);
}

/**
 * Ridge weights W [outputs, inputs]: W·(XᵀX + Λ) = YᵀX. Λ is diagonal, `lambda` times the mean diagonal of XᵀX within
 * the block (window, columns) an input belongs to: the same lambda means the same at any scale and length of the data.
 * The constant is not penalised.
 * Null when the matrix is singular to working precision, which only a larger lambda cures.
 * Source: Hoerl & Kennard, Ridge Regression, Technometrics 12 (1970).
 */
export function solveRidge(equations: NormalEquations, lambda: number): Float64Array | null {
  const { inputs, outputs, xx, yx } = equations;
  return solvePositiveDefinite(xx, penalties(equations, lambda), inputs, yx, outputs);
}

/**
 * Mean squared error of weights on the windows of `equations`, which may be others than those W was solved on:
 * (tr YᵀY − 2·tr W·XᵀY + tr W·XᵀX·Wᵀ) / (windows · outputs). Costs no pass over the data. `ahead`: the coefficients of
 * the covariates at the forecast rows, [outputs, width], which bring terms of the same form.
 */
export function meanSquaredErrorOf(weights: Float64Array, equations: NormalEquations, ahead?: Float64Array): number {
  const { inputs, outputs, windows, xx, yx, yy } = equations;
  let error = yy - 2 * innerProduct(weights, yx) + sumOfQuadraticForms(xx, inputs, weights, outputs);
  if (ahead && equations.ahead) error += aheadError(weights, ahead, inputs, equations.ahead);
  // Rounding can push the difference of large sums below zero when the fit is exact.
  return Math.max(0, error) / (windows * outputs);
}

function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < b.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

/** Σ over steps of 2·β·(ZᵀX·w − ZᵀY) + βᵀ·ZᵀZ·β. */
function aheadError(
  weights: Float64Array,
  ahead: Float64Array,
  inputs: number,
  { width, zx, zz, zy }: AheadEquations,
): number {
  let error = 0;
  for (let at = 0; at < ahead.length; at++) {
    const step = Math.floor(at / width);
    let product = -zy[at]!;
    for (let i = 0; i < inputs; i++) product += zx[at * inputs + i]! * weights[step * inputs + i]!;
    let own = 0;
    for (let d = 0; d < width; d++) own += zz[at * width + d]! * ahead[step * width + d]!;
    error += ahead[at]! * (2 * product + own);
  }
  return error;
}
