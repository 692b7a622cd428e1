import fc from 'fast-check';
import { openWorkspace } from '#src/ml/algorithms/linear/dot-products.js';
import { testNoise } from '../../../../support/synthetic-windows.js';

/** Products of whole numbers are exact, so that any order of summation gives the same bits. */
test('every element is the sum of the products of two rows, and nothing beside them is written', () => {
  fc.assert(
    fc.property(
      fc.record({ rowsA: fc.integer({ min: 0, max: 4 }), rowsB: fc.integer({ min: 0, max: 5 }) }),
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 0, max: 3 }),
      (rows, quads, gap) => {
        const [rowsA, rowsB, length] = [4 * rows.rowsA, 2 * rows.rowsB, 4 * quads];
        const stride = length + gap;
        const a = { offset: 3, stride };
        const b = { offset: a.offset + rowsA * stride, stride };
        const c = { offset: b.offset + rowsB * stride, stride: rowsB + gap };
        const size = c.offset + rowsA * c.stride + 1;
        const workspace = openWorkspace(size);
        const { values } = workspace;
        const noise = testNoise(size);
        values.forEach((_, at) => (values[at] = Math.round(100 * noise())));
        const expected = values.slice();
        for (let i = 0; i < rowsA; i++) {
          for (let j = 0; j < rowsB; j++) {
            let sum = 0;
            for (let m = 0; m < length; m++)
              sum += values[a.offset + i * stride + m]! * values[b.offset + j * stride + m]!;
            expected[c.offset + i * c.stride + j] = sum;
          }
        }
        workspace.dots(a, rowsA, b, rowsB, length, c);
        expect([...values]).toEqual([...expected]);
      },
    ),
  );
});

test('the sum of a lane runs in the order of its elements, and the two lanes are added last', () => {
  const workspace = openWorkspace(8 * 8 + 8);
  const { values } = workspace;
  // 1e16 + 1 is 1e16: (1e16 + 1 − 1e16) + (1 + 1 + 1) is 3, in the order of the elements it would be 2 or 4.
  values.set([1e16, 1, 1, 1, -1e16, 1, 0, 0]);
  for (let row = 4; row < 6; row++) values.fill(1, row * 8, row * 8 + 8);
  workspace.dots({ offset: 0, stride: 8 }, 4, { offset: 32, stride: 8 }, 2, 8, { offset: 64, stride: 2 });
  expect([...values.subarray(64, 72)]).toEqual([3, 3, 0, 0, 0, 0, 0, 0]);
});

test('a workspace begins with zeros, whatever stood there, and grows', () => {
  openWorkspace(10).values.fill(7);
  const larger = openWorkspace(100_000);
  expect(larger.values).toHaveLength(100_000);
  expect(larger.values.every((value) => value === 0)).toBe(true);
});
