import fc from 'fast-check';
import { addProduct } from '#src/ml/autoencoder/matrix-product.js';
import { seededUniform } from '../../../support/series.js';

function randomMatrix(length: number, seed: number): Float64Array {
  const uniform = seededUniform(seed);
  return Float64Array.from({ length }, () => uniform() - 0.5);
}

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 13 }),
  columns: fc.integer({ min: 1, max: 13 }),
  inner: fc.integer({ min: 0, max: 9 }),
  transposedA: fc.boolean(),
  transposedB: fc.boolean(),
  seed: fc.integer(),
});

test('adds the sum of products in ascending order to what is there, whatever the sizes and the layout', () => {
  fc.assert(
    fc.property(sizes, ({ rows, columns, inner, transposedA, transposedB, seed }) => {
      const a = randomMatrix(rows * inner, seed);
      const b = randomMatrix(inner * columns, seed + 1);
      const aStrides = transposedA ? { row: 1, column: rows } : { row: inner, column: 1 };
      const bStrides = transposedB ? { row: 1, column: inner } : { row: columns, column: 1 };
      const out = new Float64Array(rows * columns).fill(0.25);
      addProduct(a, aStrides, b, bStrides, rows, columns, inner, out);
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          let sum = 0;
          for (let k = 0; k < inner; k++) {
            sum += a[r * aStrides.row + k * aStrides.column]! * b[k * bStrides.row + c * bStrides.column]!;
          }
          expect(out[r * columns + c]).toBe(0.25 + sum);
        }
      }
    }),
  );
});
