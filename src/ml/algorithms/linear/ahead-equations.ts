import type { CentredColumn } from './centred-column.js';
import { cholesky, solveCholesky } from './cholesky.js';
import { crossGram } from './window-gram.js';

/**
 * What least squares needs of covariates z that step h reads at row t + h, beside the inputs x that all steps share; sums
 * over windows, rows (h, c) one after the other.
 */
export interface AheadEquations {
  /** Covariates. */
  readonly width: number;
  /** Σ z_c[t + h]·x, [outputs, width, inputs]. */
  readonly zx: Float64Array;
  /** Σ z_c[t + h]·z_d[t + h], [outputs, width, width]. */
  readonly zz: Float64Array;
  /** Σ z_c[t + h]·y_h, [outputs, width]. */
  readonly zy: Float64Array;
}

interface WindowsAndColumns {
  readonly series: Float64Array;
  readonly origins: Int32Array;
  readonly lookBack: number;
  readonly horizon: number;
  /** Inputs at the origin, after those of the window. */
  readonly columns: readonly CentredColumn[];
  readonly weights?: Float64Array;
  /** What windows lose: a level, or null for their last value. */
  readonly level: number | null;
  /** Subtracted from the series before it is summed. */
  readonly centre: number;
}

export function aheadEquations(windows: WindowsAndColumns, covariates: readonly CentredColumn[]): AheadEquations {
  const { series, origins, lookBack, horizon, columns, weights, level, centre } = windows;
  const width = covariates.length;
  const windowInputs = level === null ? lookBack - 1 : lookBack;
  const inputs = windowInputs + columns.length;
  const zx = new Float64Array(horizon * width * inputs);
  const zz = new Float64Array(horizon * width * width);
  const zy = new Float64Array(horizon * width);
  const shifted = series.map((value) => value - centre);
  const centred = covariates.map(({ values, mean }) => values.map((value) => value - mean));
  const atOrigin = columns.map(({ values, mean }) => values.map((value) => value - mean));
  centred.forEach((z, c) => {
    const cross = crossGram(shifted, z, origins, lookBack, horizon, weights);
    const ofColumns = atOrigin.map((x) => crossGram(x, z, origins, 1, horizon, weights));
    for (let h = 0; h < horizon; h++) {
      const at = h * width + c;
      const ofLast = level === null ? cross[(lookBack - 1) * horizon + h]! : 0;
      for (let i = 0; i < windowInputs; i++) zx[at * inputs + i] = cross[i * horizon + h]! - ofLast;
      ofColumns.forEach((sums, f) => (zx[at * inputs + windowInputs + f] = sums[h]!));
      zy[at] = sumAhead(shifted, z, origins, h, weights) - ofLast;
      for (let d = 0; d <= c; d++) {
        const sum = sumAhead(centred[d]!, z, origins, h, weights);
        zz[at * width + d] = sum;
        zz[(h * width + d) * width + c] = sum;
      }
    }
  });
  return { width, zx, zz, zy };
}

/** Σ a[t + 1 + h]·b[t + 1 + h] over the origins. */
function sumAhead(a: Float64Array, b: Float64Array, origins: Int32Array, h: number, weights?: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < origins.length; at++) {
    const row = origins[at]! + 1 + h;
    sum += (weights?.[at] ?? 1) * a[row]! * b[row]!;
  }
  return sum;
}

export function addAhead(a: AheadEquations, b: AheadEquations): AheadEquations {
  return {
    width: a.width,
    zx: a.zx.map((value, at) => value + b.zx[at]!),
    zz: a.zz.map((value, at) => value + b.zz[at]!),
    zy: a.zy.map((value, at) => value + b.zy[at]!),
  };
}

/** With some of the `inputs` shared ones only. */
export function selectAhead(equations: AheadEquations, inputs: number, kept: readonly number[]): AheadEquations {
  const rows = equations.zx.length / inputs;
  const zx = new Float64Array(rows * kept.length);
  for (let row = 0; row < rows; row++) {
    kept.forEach((i, at) => (zx[row * kept.length + at] = equations.zx[row * inputs + i]!));
  }
  return { ...equations, zx };
}

/** Weights of the shared inputs, [outputs, inputs], and of the covariates at the forecast rows, [outputs, width]. */
export interface AheadSolution {
  readonly weights: Float64Array;
  readonly ahead: Float64Array;
}

/**
 * The ridge solution with covariates, exactly, without a factorisation for each step. With A = XᵀX + Λ, the same for
 * all steps, the covariates' coefficients of step h solve the Schur complement
 *
 *   (Z_hᵀZ_h − Z_hᵀX·A⁻¹·XᵀZ_h + λ·u·I)·β_h = Z_hᵀy_h − Z_hᵀX·A⁻¹·Xᵀy_h,   w_h = A⁻¹·(Xᵀy_h − XᵀZ_h·β_h)
 *
 * u is the mean diagonal of ZᵀZ over steps and covariates, so that lambda means what it does to the other inputs.
 * `shared`: one β for all steps, which solves the sum of these systems. Null when one is singular to working precision.
 * Source: Boyd & Vandenberghe, Convex Optimization, appendix C.4 (block elimination).
 */
export class AheadSolver {
  private readonly projected: Float64Array;
  private readonly plain: Float64Array;
  /** Schur complements [outputs, width, width] and their right-hand sides [outputs, width]. */
  private readonly complements: Float64Array;
  private readonly rights: Float64Array;
  private readonly unit: number;

  /** `factor`: Cholesky factor of A [inputs, inputs]; `yx` [outputs, inputs]. */
  constructor(
    factor: Float64Array,
    private readonly inputs: number,
    yx: Float64Array,
    private readonly equations: AheadEquations,
  ) {
    const { width, zx, zz, zy } = equations;
    const rows = zy.length;
    this.projected = solveCholesky(factor, inputs, zx, rows);
    this.plain = solveCholesky(factor, inputs, yx, rows / width);
    this.complements = zz.slice();
    this.rights = zy.slice();
    let trace = 0;
    for (let row = 0; row < rows; row++) {
      const step = Math.floor(row / width);
      trace += zz[row * width + (row % width)]!;
      for (let d = 0; d < width; d++) {
        this.complements[row * width + d]! -= dot(zx, row, this.projected, step * width + d, inputs);
      }
      this.rights[row]! -= dot(zx, row, this.plain, step, inputs);
    }
    this.unit = trace > 0 ? trace / rows : 1;
  }

  solve(lambda: number, shared: boolean): AheadSolution | null {
    const { width } = this.equations;
    const steps = this.rights.length / width;
    const ahead = new Float64Array(this.rights.length);
    if (shared) {
      const sum = new Float64Array(width * width);
      const right = new Float64Array(width);
      this.complements.forEach((value, at) => (sum[at % sum.length]! += value));
      this.rights.forEach((value, at) => (right[at % width]! += value));
      const solved = this.penalisedSolution(sum, right, lambda * steps);
      if (solved === null) return null;
      for (let step = 0; step < steps; step++) ahead.set(solved, step * width);
    } else {
      for (let step = 0; step < steps; step++) {
        const matrix = this.complements.subarray(step * width * width, (step + 1) * width * width);
        const solved = this.penalisedSolution(matrix, this.rights.subarray(step * width, (step + 1) * width), lambda);
        if (solved === null) return null;
        ahead.set(solved, step * width);
      }
    }
    const weights = this.plain.slice();
    ahead.forEach((beta, row) => {
      const step = Math.floor(row / width);
      for (let i = 0; i < this.inputs; i++) {
        weights[step * this.inputs + i]! -= beta * this.projected[row * this.inputs + i]!;
      }
    });
    return { weights, ahead };
  }

  private penalisedSolution(matrix: Float64Array, right: Float64Array, lambda: number): Float64Array | null {
    const { width } = this.equations;
    const penalised = matrix.slice();
    for (let c = 0; c < width; c++) penalised[c * width + c]! += lambda * this.unit;
    const factor = cholesky(penalised, width);
    return factor && solveCholesky(factor, width, right, 1);
  }
}

function dot(a: Float64Array, rowA: number, b: Float64Array, rowB: number, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += a[rowA * size + i]! * b[rowB * size + i]!;
  return sum;
}
