import { cholesky, solveCholesky } from '#src/ml/algorithms/linear/cholesky.js';
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

test.each([1, 3, 4, 5, 8, 11, 30])('solutions of size %i satisfy the equations for 1 to 6 right-hand sides', (size) => {
  const matrix = positiveDefinite(size);
  const factor = cholesky(matrix, size)!;
  for (let count = 1; count <= 6; count++) {
    const right = Float64Array.from({ length: count * size }, testNoise(count));
    const x = solveCholesky(factor, size, right, count);
    expect(x).toHaveLength(count * size);
    const product = new Float64Array(size);
    for (let c = 0; c < count; c++) {
      multiplyMatrixVector(matrix, size, size, x.subarray(c * size, (c + 1) * size), product);
      for (let i = 0; i < size; i++) expect(product[i]).toBeCloseTo(right[c * size + i]!, 9);
    }
  }
});

test('a matrix that is not positive definite has no factor', () => {
  expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeNull();
  expect(cholesky(new Float64Array(25), 5)).toBeNull();
  expect(cholesky(Float64Array.of(Number.NaN), 1)).toBeNull();
});

test('quadratic forms add up: [1 2]·A·[1 2]ᵀ + [3 0]·A·[3 0]ᵀ', () => {
  const matrix = Float64Array.of(2, 1, 1, 5);
  expect(sumOfQuadraticForms(matrix, 2, Float64Array.of(1, 2, 3, 0), 2)).toBe(2 + 4 + 20 + 18);
});
