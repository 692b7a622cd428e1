import fc from 'fast-check';
import { binBorders, binColumns, binOf, MISSING_BIN } from '#src/ml/trees/bin-columns.js';
import { fillHistogram, groupsOf, newHistogram, subtractHistogram } from '#src/ml/trees/histogram.js';
import { newPackedGradients, packGradients } from '#src/ml/trees/packed-gradients.js';
import { TreeGrower, type TreeSettings } from '#src/ml/trees/tree-grower.js';
import { tableOf, TREE_SETTINGS, uniformColumn } from '../../../support/tree-tables.js';

const rowsOf = (count: number): Int32Array => Int32Array.from({ length: count }, (_, row) => row);

function grow(columns: readonly Float64Array[], gradients: Float64Array, settings: Partial<TreeSettings>) {
  const table = tableOf(columns);
  const packed = newPackedGradients(table.rows, false);
  packGradients(packed, rowsOf(table.rows), gradients, null);
  const sample = rowsOf(table.rows);
  const all = rowsOf(columns.length);
  const grown = new TreeGrower(table, { ...TREE_SETTINGS, lambda: 0, ...settings }).grow(sample, all, packed);
  return { ...grown, sample };
}

describe('bins', () => {
  it('keep the order of values and give missing ones a bin of their own', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(NaN)), { minLength: 1 }),
        fc.integer({ min: 2, max: 12 }),
        (list, most) => {
          const borders = binBorders(Float64Array.from(list), most);
          expect(borders.length).toBeLessThan(most);
          expect([...borders]).toEqual([...new Set(borders)].sort((a, b) => a - b));
          for (const value of list) {
            expect(binOf(value, borders) === MISSING_BIN).toBe(Number.isNaN(value));
            for (const other of list) {
              if (value <= other) expect(binOf(value, borders)).toBeLessThanOrEqual(binOf(other, borders));
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('part few different numbers from each other, midway', () => {
    expect([...binBorders(Float64Array.of(5, 1, NaN, 2, 1, 5))]).toEqual([1.5, 3.5]);
    expect(binBorders(Float64Array.of(5, 5, NaN, 5))).toHaveLength(0);
    expect([...binBorders(Float64Array.of(1, 1 + Number.EPSILON))]).toEqual([1]);
  });

  it('fill evenly, and a number that fills one has it to itself', () => {
    const even = Float64Array.from({ length: 6_300 }, (_, row) => row);
    const borders = binBorders(even, 63);
    expect(borders).toHaveLength(62);
    const counts = new Float64Array(64);
    for (const value of even) counts[binOf(value, borders)]!++;
    expect(Math.max(...counts.slice(1))).toBeLessThanOrEqual(101);
    expect(Math.min(...counts.slice(1))).toBeGreaterThanOrEqual(99);
    const half = Float64Array.from({ length: 2_000 }, (_, row) => (row % 2 === 0 ? 0 : row - 1_000));
    const around = binBorders(half, 10);
    expect(around).toContain(-0.5);
    expect(around).toContain(0.5);
    expect(around).toHaveLength(9);
  });
});

describe('a histogram', () => {
  it('less that of some rows is bit for bit that of the others', () => {
    const columns = [1, 2, 3, 4, 5].map((seed) => uniformColumn(500, seed));
    const table = tableOf(columns);
    const gradients = uniformColumn(500, 9).map((value) => value ** 5);
    const curvatures = uniformColumn(500, 10).map((value) => value * value);
    const packed = newPackedGradients(500, true);
    packGradients(packed, rowsOf(500), gradients, curvatures);
    for (const chosen of [rowsOf(5), Int32Array.of(0, 3)]) {
      const [whole, part, rest] = [0, 1, 2].map(() => newHistogram(table, true));
      const sample = rowsOf(500).sort((a, b) => (a % 7) - (b % 7) || a - b);
      fillHistogram(whole!, table, groupsOf(chosen), sample, 0, 500, packed);
      fillHistogram(part!, table, groupsOf(chosen), sample, 0, 180, packed);
      fillHistogram(rest!, table, groupsOf(chosen), sample, 180, 500, packed);
      subtractHistogram(whole!, part!);
      expect(whole).toEqual(rest);
    }
  });

  it('holds sums of rounded gradients that are right to eight digits, and the counts', () => {
    const gradients = uniformColumn(3_000, 3);
    const packed = newPackedGradients(3_000, false);
    packGradients(packed, rowsOf(3_000), gradients, null);
    const sum = packed.packed.reduce((all, one) => all + one, 0);
    const count = Math.round(sum / packed.unit);
    expect(count).toBe(3_000);
    const exact = gradients.reduce((all, one) => all + one, 0);
    expect(Math.abs((sum - count * packed.unit) * packed.gradientStep - exact)).toBeLessThan(1e-6);
  });
});

describe('a tree', () => {
  it('begins with the split that trying all of them finds', () => {
    const number = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(NaN));
    const row = fc.tuple(number, number, fc.integer({ min: -20, max: 20 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 24 }), fc.integer({ min: 1, max: 3 }), (list, least) => {
        const columns = [0, 1].map((at) => Float64Array.from(list, (one) => one[at]!));
        const gradients = Float64Array.from(list, (one) => one[2]);
        const score = (side: number[]): number => side.reduce((sum, g) => sum + g, 0) ** 2 / (side.length + 0.5);
        let best = 0;
        for (const column of columns) {
          for (const threshold of [0, 1, 2, 3, 4, 5, 6]) {
            for (const missingLeft of [true, false]) {
              const goes = (value: number): boolean => (Number.isNaN(value) ? missingLeft : value <= threshold);
              const left = [...gradients].filter((_, at) => goes(column[at]!));
              const right = [...gradients].filter((_, at) => !goes(column[at]!));
              if (left.length < least || right.length < least) continue;
              best = Math.max(best, score(left) + score(right) - score([...gradients]));
            }
          }
        }
        const { tree, starts, ends, sample } = grow(columns, gradients, {
          maximumLeaves: 2,
          minimumRows: least,
          lambda: 0.5,
        });
        if (best < 1e-6) {
          expect(tree.gains[0] ?? 0).toBeLessThan(1e-5);
          return;
        }
        expect(Math.abs(tree.gains[0]! - best)).toBeLessThan(1e-5 * (1 + best));
        // The rows of the leaves are those that the split sends there.
        for (const at of sample.subarray(starts[0], ends[0])) {
          const value = columns[tree.columns[0]!]![at]!;
          expect(Number.isNaN(value) ? tree.missingLeft[0] === 1 : value <= tree.thresholds[0]!).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('learns on which side missing values belong', () => {
    const column = Float64Array.from({ length: 90 }, (_, row) => (row < 30 ? NaN : row));
    const values = Float64Array.from({ length: 90 }, (_, row) => (row < 30 || row >= 60 ? 5 : -5));
    const { tree } = grow([column], values, { maximumLeaves: 2 });
    expect([tree.missingLeft[0], tree.thresholds[0]]).toEqual([0, 59.5]);
  });

  it('may part the missing values from all others', () => {
    const column = Float64Array.from({ length: 60 }, (_, row) => (row < 20 ? NaN : row));
    const values = Float64Array.from({ length: 60 }, (_, row) => (row < 20 ? 4 : -2));
    const { tree, starts, ends } = grow([column], values, { maximumLeaves: 2 });
    expect([tree.missingLeft[0], tree.thresholds[0]]).toEqual([0, Infinity]);
    expect([...ends].map((end, leaf) => end - starts[leaf]!)).toEqual([40, 20]);
  });

  it('splits nothing where there is nothing to gain', () => {
    const { tree } = grow([uniformColumn(50, 1)], new Float64Array(50).fill(4), {});
    expect([tree.columns.length, tree.leaves.length]).toEqual([0, 1]);
  });

  it('keeps to its limits: leaves, depth, rows in a leaf', () => {
    const columns = [1, 2, 3].map((seed) => uniformColumn(700, seed));
    const gradients = uniformColumn(700, 8);
    for (const growth of ['leaf', 'depth'] as const) {
      const many = grow(columns, gradients, { growth, maximumLeaves: 20, minimumRows: 11 });
      expect(many.tree.leaves).toHaveLength(20);
      expect(Math.min(...many.ends.map((end, leaf) => end - many.starts[leaf]!))).toBeGreaterThanOrEqual(11);
      expect(grow(columns, gradients, { growth, maximumLeaves: 200, maximumDepth: 3 }).tree.leaves).toHaveLength(8);
    }
    // Level by level seven splits make a full tree of depth three; by gain they need not.
    const level = grow(columns, gradients, { growth: 'depth', maximumLeaves: 8 }).tree;
    const depthOf = (node: number): number =>
      node < 0 ? 0 : 1 + Math.max(depthOf(level.left[node]!), depthOf(level.right[node]!));
    expect(depthOf(0)).toBe(3);
  });

  it('is the same whatever the order of equal work: a second tree of one grower equals the first', () => {
    const columns = [1, 2].map((seed) => uniformColumn(400, seed));
    const table = binColumns(
      columns,
      columns.map((column) => binBorders(column)),
    );
    const packed = newPackedGradients(400, false);
    packGradients(packed, rowsOf(400), uniformColumn(400, 5), null);
    const grower = new TreeGrower(table, TREE_SETTINGS);
    const first = grower.grow(rowsOf(400), rowsOf(2), packed);
    expect(grower.grow(rowsOf(400), rowsOf(2), packed)).toEqual(first);
  });
});
