import { blockedQuadraticForms, isForBlocks } from './blocked-cholesky.js';

/**
 * out[r] = Σ matrix[r][c]·vector[c] for `rows` rows of `columns` elements. Each sum runs in the order of the columns,
 * so equal rows and vectors give equal bits. Four rows at once: one load of the vector serves four independent sums.
 */
export function multiplyMatrixVector(
  matrix: Float64Array,
  rows: number,
  columns: number,
  vector: Float64Array,
  out: Float64Array,
): void {
  const whole = rows - (rows % 4);
  for (let r = 0; r < whole; r += 4) {
    const r0 = r * columns;
    const r1 = r0 + columns;
    const r2 = r1 + columns;
    const r3 = r2 + columns;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let c = 0; c < columns; c++) {
      const value = vector[c]!;
      s0 += matrix[r0 + c]! * value;
      s1 += matrix[r1 + c]! * value;
      s2 += matrix[r2 + c]! * value;
      s3 += matrix[r3 + c]! * value;
    }
    out[r] = s0;
    out[r + 1] = s1;
    out[r + 2] = s2;
    out[r + 3] = s3;
  }
  for (let r = whole; r < rows; r++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += matrix[r * columns + c]! * vector[c]!;
    out[r] = sum;
  }
}

/**
 * Σ over rows x of `vectors` [count, size] of xᵀ·A·x for a symmetric A: what a squared error needs of XᵀX. Only the
 * lower triangle is read. Four vectors and two rows of A at once.
 */
export function sumOfQuadraticForms(matrix: Float64Array, size: number, vectors: Float64Array, count: number): number {
  if (isForBlocks(size)) return blockedQuadraticForms(matrix, size, vectors, count);
  const even = size + (size % 2);
  const padded = new Float64Array(Math.ceil(count / 4) * 4 * even);
  for (let v = 0; v < count; v++) padded.set(vectors.subarray(v * size, (v + 1) * size), v * even);
  // With a last row of zeros, rows come in pairs.
  const empty = new Float64Array(even === size ? 0 : even);
  let total = 0;
  for (let v = 0; v < count; v += 4) {
    const o0 = v * even;
    const o1 = o0 + even;
    const o2 = o1 + even;
    const o3 = o2 + even;
    for (let i = 0; i < even; i += 2) {
      const isLast = i + 1 === size;
      const row = i * size;
      const second = isLast ? empty : matrix;
      const next = isLast ? 0 : row + size;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      let [t0, t1, t2, t3] = [0, 0, 0, 0];
      for (let j = 0; j < i; j++) {
        const a = matrix[row + j]!;
        const b = second[next + j]!;
        const x0 = padded[o0 + j]!;
        const x1 = padded[o1 + j]!;
        const x2 = padded[o2 + j]!;
        const x3 = padded[o3 + j]!;
        s0 += a * x0;
        s1 += a * x1;
        s2 += a * x2;
        s3 += a * x3;
        t0 += b * x0;
        t1 += b * x1;
        t2 += b * x2;
        t3 += b * x3;
      }
      const [half, cross, nextHalf] = [
        0.5 * matrix[row + i]!,
        second[next + i]!,
        0.5 * (isLast ? 0 : second[next + i + 1]!),
      ];
      const pair = (o: number, s: number, t: number): number => {
        const x = padded[o + i]!;
        const y = padded[o + i + 1]!;
        return x * (s + half * x) + y * (t + cross * x + nextHalf * y);
      };
      total += 2 * (pair(o0, s0, t0) + pair(o1, s1, t1) + pair(o2, s2, t2) + pair(o3, s3, t3));
    }
  }
  return total;
}
