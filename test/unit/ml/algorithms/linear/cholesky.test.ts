import { cholesky, solveCholesky, solvePositiveDefinite } from '#src/ml/algorithms/linear/cholesky.js';
import { multiplyMatrixVector, sumOfQuadraticForms } from '#src/ml/algorithms/linear/matrix-vector.js';
import { testNoise } from '../../../../support/synthetic-windows.js';

/** B·Bᵀ + I for a random B: symmetric positive definite. */
function positiveDefinite(size: number): Float64Array {
  const noise = testNoise(size);
  const b = Float64Array.from({ length: size * size }, noise);
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let sum = i === j ? 1 : 0;
    for (let m = 0; m < size; m++) sum += b[i * size + m]! * b[j * size + m]!;
    return sum;
  });
}

test('the factor of a small matrix is the known one', () => {
  const factor = cholesky(Float64Array.of(4, 12, -16, 12, 37, -43, -16, -43, 98), 3);
  expect([...factor!]).toEqual([2, 0, 0, 6, 1, 0, -8, 5, 3]);
});

test.each([1, 3, 4, 5, 8, 11, 30, 63, 64, 65, 71, 96])(
  'solutions of size %i satisfy the equations for 1 to 6 right-hand sides',
  (size) => {
    const matrix = positiveDefinite(size);
    const factor = cholesky(matrix, size)!;
    for (let count = 1; count <= 6; count++) {
      const right = Float64Array.from({ length: count * size }, testNoise(count));
      const x = solveCholesky(factor, size, right, count);
      expect(x).toHaveLength(count * size);
      const product = new Float64Array(size);
      for (let c = 0; c < count; c++) {
        multiplyMatrixVector(matrix, size, size, x.subarray(c * size, (c + 1) * size), product);
        const differences = product.map((value, i) => Math.abs(value - right[c * size + i]!));
        expect(Math.max(...differences)).toBeLessThan(1e-8);
      }
    }
  },
);

test.each([5, 63, 64, 71])('the factor of size %i is triangular, and gives the matrix back', (size) => {
  const matrix = positiveDefinite(size);
  const factor = cholesky(matrix, size)!;
  const differences: number[] = [];
  const above: number[] = [];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let product = 0;
      for (let m = 0; m < size; m++) product += factor[i * size + m]! * factor[j * size + m]!;
      differences.push(Math.abs(product - matrix[i * size + j]!));
      if (j > i) above.push(factor[i * size + j]!);
    }
  }
  expect(Math.max(...differences)).toBeLessThan(1e-9);
  expect(new Set(above)).toEqual(new Set([0]));
});

test.each([5, 64, 71])('size %i: something added to the diagonal solves as the sum does', (size) => {
  const matrix = positiveDefinite(size);
  const diagonal = Float64Array.from({ length: size }, (_, i) => 1 + i / 10);
  const sum = matrix.slice();
  diagonal.forEach((value, i) => (sum[i * size + i]! += value));
  const right = Float64Array.from({ length: 5 * size }, testNoise(4));
  const solved = solvePositiveDefinite(matrix, diagonal, size, right, 5);
  expect(solved).toEqual(solveCholesky(cholesky(sum, size)!, size, right, 5));
  expect(solvePositiveDefinite(matrix, diagonal, size, right, 5)).toEqual(solved);
  expect(solvePositiveDefinite(matrix, diagonal.fill(-1e6), size, right, 5)).toBeNull();
});

test('a matrix that is not positive definite has no factor', () => {
  expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeNull();
  expect(cholesky(new Float64Array(25), 5)).toBeNull();
  const large = positiveDefinite(80);
  large[77 * 80 + 77] = -1;
  expect(cholesky(large, 80)).toBeNull();
  expect(cholesky(large.fill(Number.NaN), 80)).toBeNull();
  expect(cholesky(Float64Array.of(Number.NaN), 1)).toBeNull();
});

test('quadratic forms add up: [1 2]·A·[1 2]ᵀ + [3 0]·A·[3 0]ᵀ', () => {
  const matrix = Float64Array.of(2, 1, 1, 5);
  expect(sumOfQuadraticForms(matrix, 2, Float64Array.of(1, 2, 3, 0), 2)).toBe(2 + 4 + 20 + 18);
});

test.each([63, 64, 70])('quadratic forms of size %i are those of each product written out', (size) => {
  const matrix = positiveDefinite(size);
  const vectors = Float64Array.from({ length: 5 * size }, testNoise(9));
  let total = 0;
  for (let v = 0; v < 5; v++) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) total += vectors[v * size + i]! * matrix[i * size + j]! * vectors[v * size + j]!;
    }
  }
  expect(sumOfQuadraticForms(matrix, size, vectors, 5) / total).toBeCloseTo(1, 12);
});
