import { cholesky, solveCholesky } from '../../algorithms/linear/cholesky.js';

export interface LeastSquaresFit {
  readonly coefficients: Float64Array;
  /** Σ(y − ŷ)² over the rows taken in. */
  readonly squares: number;
}

/**
 * Least squares by normal equations that grow with the rows: `add` costs O(k²), a fit O(k³) whatever the number of rows.
 * They hold the products of y and all regressors, so that a fit may use some of the regressors only.
 */
export class LeastSquares {
  rows = 0;
  private readonly products: Float64Array;

  /** `width`: y and the regressors together. */
  constructor(private readonly width: number) {
    this.products = new Float64Array(width * width);
  }

  /** Takes in one row: y, then the regressors. */
  add(row: Float64Array): void {
    const { width, products } = this;
    for (let i = 0; i < width; i++) {
      const value = row[i]!;
      for (let j = 0; j <= i; j++) products[i * width + j] = products[i * width + j]! + value * row[j]!;
    }
    this.rows++;
  }

  /**
   * The fit on the regressors at these positions (from 1, ascending). Collinear ones share their weight by a ridge of
   * 1e-10 of the largest diagonal element, which is not there otherwise; regressors that are all 0 weigh 0.
   */
  fit(positions: readonly number[]): LeastSquaresFit {
    const { width, products } = this;
    const size = positions.length;
    const matrix = new Float64Array(size * size);
    const right = Float64Array.from(positions, (position) => products[position * width]!);
    positions.forEach((i, row) =>
      positions.slice(0, row + 1).forEach((j, column) => (matrix[row * size + column] = products[i * width + j]!)),
    );
    const factor = cholesky(matrix, size) ?? ridgeFactor(matrix, size);
    const coefficients = factor === null ? new Float64Array(size) : solveCholesky(factor, size, right, 1);
    let squares = products[0]!;
    coefficients.forEach((coefficient, i) => {
      squares -= 2 * coefficient * right[i]!;
      coefficients.forEach((other, j) => {
        squares += coefficient * other * matrix[Math.max(i, j) * size + Math.min(i, j)]!;
      });
    });
    return { coefficients, squares: Math.max(0, squares) };
  }
}

function ridgeFactor(matrix: Float64Array, size: number): Float64Array | null {
  const diagonal = Array.from({ length: size }, (_, i) => matrix[i * size + i]!);
  const ridge = 1e-10 * Math.max(...diagonal);
  const raised = matrix.slice();
  diagonal.forEach((value, i) => (raised[i * size + i] = value + ridge));
  return cholesky(raised, size);
}
