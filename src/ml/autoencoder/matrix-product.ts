/** How a matrix lies in its array: element [i, j] is at i·row + j·column. A transpose is the same array, steps exchanged. */
export interface Strides {
  readonly row: number;
  readonly column: number;
}

/**
 * out[r, c] += Σₖ a[r, k]·b[k, c] over k < inner; `out` is row-major, [rows, columns].
 *
 * Tiles of 4×4 sums in local variables use each number that is read four times: about twice as fast as plain loops.
 * Every sum runs over k in ascending order whatever tile it is in, so a row gives the same bits alone and among
 * thousands.
 */
export function addProduct(
  a: Float64Array,
  { row: aRow, column: aStep }: Strides,
  b: Float64Array,
  { row: bStep, column: bColumn }: Strides,
  rows: number,
  columns: number,
  inner: number,
  out: Float64Array,
): void {
  const tiledRows = rows - (rows % 4);
  const tiledColumns = columns - (columns % 4);
  for (let r = 0; r < tiledRows; r += 4) {
    for (let c = 0; c < tiledColumns; c += 4) {
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      let s20 = 0;
      let s21 = 0;
      let s22 = 0;
      let s23 = 0;
      let s30 = 0;
      let s31 = 0;
      let s32 = 0;
      let s33 = 0;
      let p = r * aRow;
      let q = c * bColumn;
      for (let k = 0; k < inner; k++) {
        const y0 = b[q]!;
        const y1 = b[q + bColumn]!;
        const y2 = b[q + 2 * bColumn]!;
        const y3 = b[q + 3 * bColumn]!;
        const x0 = a[p]!;
        s00 += x0 * y0;
        s01 += x0 * y1;
        s02 += x0 * y2;
        s03 += x0 * y3;
        const x1 = a[p + aRow]!;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s12 += x1 * y2;
        s13 += x1 * y3;
        const x2 = a[p + 2 * aRow]!;
        s20 += x2 * y0;
        s21 += x2 * y1;
        s22 += x2 * y2;
        s23 += x2 * y3;
        const x3 = a[p + 3 * aRow]!;
        s30 += x3 * y0;
        s31 += x3 * y1;
        s32 += x3 * y2;
        s33 += x3 * y3;
        p += aStep;
        q += bStep;
      }
      const at = r * columns + c;
      addFour(out, at, s00, s01, s02, s03);
      addFour(out, at + columns, s10, s11, s12, s13);
      addFour(out, at + 2 * columns, s20, s21, s22, s23);
      addFour(out, at + 3 * columns, s30, s31, s32, s33);
    }
  }
  for (let r = 0; r < rows; r++) {
    for (let c = r < tiledRows ? tiledColumns : 0; c < columns; c++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += a[r * aRow + k * aStep]! * b[k * bStep + c * bColumn]!;
      out[r * columns + c]! += sum;
    }
  }
}

function addFour(out: Float64Array, at: number, s0: number, s1: number, s2: number, s3: number): void {
  out[at]! += s0;
  out[at + 1]! += s1;
  out[at + 2]! += s2;
  out[at + 3]! += s3;
}
