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
 * lower triangle is read. Four vectors at once.
 */
export function sumOfQuadraticForms(matrix: Float64Array, size: number, vectors: Float64Array, count: number): number {
  const padded = new Float64Array(Math.ceil(count / 4) * 4 * size);
  padded.set(vectors);
  let total = 0;
  for (let v = 0; v < count; v += 4) {
    const o0 = v * size;
    const o1 = o0 + size;
    const o2 = o1 + size;
    const o3 = o2 + size;
    for (let i = 0; i < size; i++) {
      const row = i * size;
      const half = 0.5 * matrix[row + i]!;
      let s0 = half * padded[o0 + i]!;
      let s1 = half * padded[o1 + i]!;
      let s2 = half * padded[o2 + i]!;
      let s3 = half * padded[o3 + i]!;
      for (let j = 0; j < i; j++) {
        const value = matrix[row + j]!;
        s0 += value * padded[o0 + j]!;
        s1 += value * padded[o1 + j]!;
        s2 += value * padded[o2 + j]!;
        s3 += value * padded[o3 + j]!;
      }
      total += 2 * (s0 * padded[o0 + i]! + s1 * padded[o1 + i]! + s2 * padded[o2 + i]! + s3 * padded[o3 + i]!);
    }
  }
  return total;
}
