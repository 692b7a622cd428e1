import fc from 'fast-check';
import { openWorkspace, type Block } from '#src/ml/algorithms/linear/dot-products.js';
import { testNoise } from '../../../../support/synthetic-windows.js';

const SIZE = 8;

interface Example {
  readonly rows: number;
  readonly x: Block;
  readonly sums: Block;
  readonly triangle: Block;
  readonly total: number;
}

const examples = fc
  .record({ rows: fc.integer({ min: 0, max: 5 }), gap: fc.integer({ min: 0, max: 3 }) })
  .map(({ rows, gap }): Example => {
    const stride = SIZE + gap;
    const triangle = { offset: 3, stride };
    const x = { offset: triangle.offset + SIZE * stride, stride };
    const sums = { offset: x.offset + rows * stride, stride };
    return { rows, x, sums, triangle, total: sums.offset + rows * stride };
  });

/** Runs both on the same noise and compares all of the memory, bit for bit. */
function compare(example: Example, run: 'substituteForward' | 'substituteBackward' | 'quadraticForms', plain: Plain) {
  const { rows, x, sums, triangle, total } = example;
  const workspace = openWorkspace(total + 2);
  const noise = testNoise(total);
  workspace.values.forEach((_, at) => (workspace.values[at] = noise()));
  const expected = workspace.values.slice();
  for (let row = 0; row < rows; row++) {
    const value = (i: number): number => x.offset + row * x.stride + i;
    const sum = (i: number): number => expected[sums.offset + row * sums.stride + i]!;
    const t = (i: number, j: number): number => expected[triangle.offset + i * triangle.stride + j]!;
    plain(expected, value, sum, t, total);
  }
  if (run === 'quadraticForms') workspace.quadraticForms(x, rows, sums, triangle, total);
  else workspace[run](x, rows, sums, triangle);
  expect([...workspace.values]).toEqual([...expected]);
}

type Plain = (
  values: Float64Array,
  x: (i: number) => number,
  sum: (i: number) => number,
  t: (i: number, j: number) => number,
  total: number,
) => void;

test('substitution by a lower triangle is that of a loop, bit for bit, and writes nothing else', () => {
  fc.assert(
    fc.property(examples, (example) => {
      compare(example, 'substituteForward', (values, x, sum, t) => {
        for (let i = 0; i < SIZE; i++) {
          let left = values[x(i)]! - sum(i);
          for (let m = 0; m < i; m++) left -= t(i, m) * values[x(m)]!;
          values[x(i)] = left / t(i, i);
        }
      });
    }),
  );
});

test('substitution by its transpose likewise', () => {
  fc.assert(
    fc.property(examples, (example) => {
      compare(example, 'substituteBackward', (values, x, sum, t) => {
        for (let i = SIZE - 1; i >= 0; i--) {
          let left = values[x(i)]! - sum(i);
          for (let m = i + 1; m < SIZE; m++) left -= t(m, i) * values[x(m)]!;
          values[x(i)] = left / t(i, i);
        }
      });
    }),
  );
});

test('quadratic forms are added to the total in the order of a loop', () => {
  fc.assert(
    fc.property(examples, (example) => {
      compare(example, 'quadraticForms', (values, x, sum, t, total) => {
        for (let i = 0; i < SIZE; i++) {
          let half = sum(i) + 0.5 * t(i, i) * values[x(i)]!;
          for (let m = 0; m < i; m++) half += t(i, m) * values[x(m)]!;
          values[total]! += 2 * values[x(i)]! * half;
        }
      });
    }),
  );
});

test('of 2·x₀² + 2·x₀·x₁·3 + 5·x₁² at (1, 2) with ones on the rest of the diagonal comes 34', () => {
  const workspace = openWorkspace(SIZE * SIZE + 2 * SIZE + 1);
  const { values } = workspace;
  for (let i = 0; i < SIZE; i++) values[i * SIZE + i] = 1;
  values.set([2], 0);
  values.set([3, 5], SIZE);
  values.set([1, 2], SIZE * SIZE);
  const x = { offset: SIZE * SIZE, stride: SIZE };
  const sums = { offset: x.offset + SIZE, stride: SIZE };
  workspace.quadraticForms(x, 1, sums, { offset: 0, stride: SIZE }, sums.offset + SIZE);
  expect(values[sums.offset + SIZE]).toBe(2 + 12 + 20);
});
