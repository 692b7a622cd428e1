import { blockedCholesky, blockedSolve, blockedSolvePositiveDefinite, isForBlocks } from './blocked-cholesky.js';

/**
 * Cholesky factor of a symmetric positive definite matrix: A = L·Lᵀ, L lower triangular, row-major [size, size]. Only
 * the lower triangle of `matrix` is read; the upper one of the result is 0. Null when a pivot is not positive: the
 * matrix is then not positive definite to working precision. Source: Golub & Van Loan, Matrix Computations, 4.2.
 *
 * Four rows and two columns at once: six loads serve eight sums, which do not wait for one another (three to four times
 * faster than one element at a time). Each sum still runs in the order of its columns. Larger ones in blocks, with vectors.
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array | null {
  if (isForBlocks(size)) return blockedCholesky(matrix, size);
  const l = new Float64Array(size * size);
  const whole = size - (size % 4);
  for (let i = 0; i < whole; i += 4) {
    const r0 = i * size;
    const r1 = r0 + size;
    const r2 = r1 + size;
    const r3 = r2 + size;
    // `i` is a multiple of four, so the columns before it come in pairs.
    for (let j = 0; j < i; j += 2) {
      const c0 = j * size;
      const c1 = c0 + size;
      let [s00, s10, s20, s30] = [0, 0, 0, 0];
      let [s01, s11, s21, s31] = [0, 0, 0, 0];
      for (let m = 0; m < j; m++) {
        const v0 = l[c0 + m]!;
        const v1 = l[c1 + m]!;
        const x0 = l[r0 + m]!;
        const x1 = l[r1 + m]!;
        const x2 = l[r2 + m]!;
        const x3 = l[r3 + m]!;
        s00 += v0 * x0;
        s10 += v0 * x1;
        s20 += v0 * x2;
        s30 += v0 * x3;
        s01 += v1 * x0;
        s11 += v1 * x1;
        s21 += v1 * x2;
        s31 += v1 * x3;
      }
      const pivot = l[c0 + j]!;
      const below = l[c1 + j]!;
      const next = l[c1 + j + 1]!;
      l[r0 + j] = (matrix[r0 + j]! - s00) / pivot;
      l[r1 + j] = (matrix[r1 + j]! - s10) / pivot;
      l[r2 + j] = (matrix[r2 + j]! - s20) / pivot;
      l[r3 + j] = (matrix[r3 + j]! - s30) / pivot;
      l[r0 + j + 1] = (matrix[r0 + j + 1]! - (s01 + below * l[r0 + j]!)) / next;
      l[r1 + j + 1] = (matrix[r1 + j + 1]! - (s11 + below * l[r1 + j]!)) / next;
      l[r2 + j + 1] = (matrix[r2 + j + 1]! - (s21 + below * l[r2 + j]!)) / next;
      l[r3 + j + 1] = (matrix[r3 + j + 1]! - (s31 + below * l[r3 + j]!)) / next;
    }
    for (let row = i; row < i + 4; row++) if (!finishRow(matrix, l, size, row, i)) return null;
  }
  for (let row = whole; row < size; row++) if (!finishRow(matrix, l, size, row, 0)) return null;
  return l;
}

/** Elements `from` … `row` of one row of L; false when its pivot is not positive. */
function finishRow(matrix: Float64Array, l: Float64Array, size: number, row: number, from: number): boolean {
  const at = row * size;
  for (let j = from; j <= row; j++) {
    let sum = matrix[at + j]!;
    for (let m = 0; m < j; m++) sum -= l[at + m]! * l[j * size + m]!;
    if (j < row) l[at + j] = sum / l[j * size + j]!;
    else if (sum > 0) l[at + j] = Math.sqrt(sum);
    else return false;
  }
  return true;
}

/**
 * Solves L·Lᵀ·x = b for many right-hand sides, each a row of `right` [count, size]; gives the solutions as rows.
 * Two rows of L and four right-hand sides at once, for the reason given at `cholesky`.
 */
export function solveCholesky(factor: Float64Array, size: number, right: Float64Array, count: number): Float64Array {
  if (isForBlocks(size)) return blockedSolve(factor, size, right, count);
  const upper = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) upper[j * size + i] = factor[i * size + j]!;
  const x = new Float64Array(Math.ceil(count / 4) * 4 * size);
  x.set(right);
  const odd = size % 2;
  for (let c = 0; c < count; c += 4) {
    const o = c * size;
    if (odd === 1) eliminate(factor, x, size, o, 0, 0, 0);
    for (let i = odd; i < size; i += 2) {
      eliminatePair(factor, x, size, o, i, i + 1, 0, i);
    }
    for (let i = size - 1; i > 0; i -= 2) eliminatePair(upper, x, size, o, i, i - 1, i + 1, size);
    if (odd === 1) eliminate(upper, x, size, o, 0, 1, size);
  }
  return x.slice(0, count * size);
}

/** Solves (A + diagonal)·x = b, A and b as above, in one go. Null when the matrix is not positive definite. */
export function solvePositiveDefinite(
  matrix: Float64Array,
  diagonal: Float64Array,
  size: number,
  right: Float64Array,
  count: number,
): Float64Array | null {
  if (isForBlocks(size)) return blockedSolvePositiveDefinite(matrix, diagonal, size, right, count);
  const sum = matrix.slice();
  for (let i = 0; i < size; i++) sum[i * size + i]! += diagonal[i]!;
  const factor = cholesky(sum, size);
  return factor && solveCholesky(factor, size, right, count);
}

/**
 * x[i] = (x[i] − Σ triangle[i][j]·x[j]) / triangle[i][i] over from ≤ j < to, then the same for `next`, a neighbour of i,
 * with i among its columns; in four rows of x from offset `o0` on.
 */
function eliminatePair(
  triangle: Float64Array,
  x: Float64Array,
  size: number,
  o0: number,
  i: number,
  next: number,
  from: number,
  to: number,
): void {
  const row = i * size;
  const other = next * size;
  const o1 = o0 + size;
  const o2 = o1 + size;
  const o3 = o2 + size;
  let s0 = x[o0 + i]!;
  let s1 = x[o1 + i]!;
  let s2 = x[o2 + i]!;
  let s3 = x[o3 + i]!;
  let t0 = x[o0 + next]!;
  let t1 = x[o1 + next]!;
  let t2 = x[o2 + next]!;
  let t3 = x[o3 + next]!;
  for (let j = from; j < to; j++) {
    const a = triangle[row + j]!;
    const b = triangle[other + j]!;
    const x0 = x[o0 + j]!;
    const x1 = x[o1 + j]!;
    const x2 = x[o2 + j]!;
    const x3 = x[o3 + j]!;
    s0 -= a * x0;
    s1 -= a * x1;
    s2 -= a * x2;
    s3 -= a * x3;
    t0 -= b * x0;
    t1 -= b * x1;
    t2 -= b * x2;
    t3 -= b * x3;
  }
  const pivot = triangle[row + i]!;
  const cross = triangle[other + i]!;
  const nextPivot = triangle[other + next]!;
  s0 /= pivot;
  s1 /= pivot;
  s2 /= pivot;
  s3 /= pivot;
  x[o0 + i] = s0;
  x[o1 + i] = s1;
  x[o2 + i] = s2;
  x[o3 + i] = s3;
  x[o0 + next] = (t0 - cross * s0) / nextPivot;
  x[o1 + next] = (t1 - cross * s1) / nextPivot;
  x[o2 + next] = (t2 - cross * s2) / nextPivot;
  x[o3 + next] = (t3 - cross * s3) / nextPivot;
}

/** The same for one row alone. */
function eliminate(
  triangle: Float64Array,
  x: Float64Array,
  size: number,
  o0: number,
  i: number,
  from: number,
  to: number,
): void {
  for (let o = o0; o < o0 + 4 * size; o += size) {
    let sum = x[o + i]!;
    for (let j = from; j < to; j++) sum -= triangle[i * size + j]! * x[o + j]!;
    x[o + i] = sum / triangle[i * size + i]!;
  }
}
