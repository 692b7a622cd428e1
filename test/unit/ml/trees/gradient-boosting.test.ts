import fc from 'fast-check';
import { binBorders, binValues, MISSING_BIN } from '#src/ml/trees/bin-columns.js';
import { boostTrees, predictTrees } from '#src/ml/trees/gradient-boosting.js';
import { growTree, readsColumn } from '#src/ml/trees/regression-tree.js';
import { randomWalk, seededUniform } from '../../../support/series.js';

const SETTINGS = { rounds: 60, rate: 0.2, patience: 10, depth: 3, minimumRows: 5, shrinkage: 1 };

function binned(values: Float64Array) {
  const borders = binBorders(values);
  return { bins: binValues(values, borders), binCount: borders.length + 2 };
}

function uniformColumn(length: number, seed: number): Float64Array {
  const uniform = seededUniform(seed);
  return Float64Array.from({ length }, () => uniform() * 2 - 1);
}

describe('bins', () => {
  it('keep the order of values, give missing ones a bin of their own, and fill evenly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(NaN)), { minLength: 1 }),
        (list) => {
          const values = Float64Array.from(list);
          const bins = binValues(values, binBorders(values));
          values.forEach((value, row) => {
            expect(bins[row] === MISSING_BIN).toBe(Number.isNaN(value));
            values.forEach((other, at) => {
              if (value <= other) expect(bins[row]!).toBeLessThanOrEqual(bins[at]!);
            });
          });
        },
      ),
      { numRuns: 50 },
    );
    const even = binned(Float64Array.from({ length: 6_300 }, (_, row) => row));
    const counts = Array.from({ length: even.binCount }, (_, bin) => even.bins.filter((one) => one === bin).length);
    expect(even.binCount).toBe(64);
    expect(Math.max(...counts.slice(1))).toBeLessThanOrEqual(101);
    expect(binBorders(Float64Array.of(5, 5, NaN, 5))).toHaveLength(0);
  });
});

describe('a regression tree', () => {
  it('finds the one step there is, and the mean on either side of it', () => {
    const column = Float64Array.from({ length: 100 }, (_, row) => row);
    const values = column.map((value) => (value < 40 ? -3 : 2));
    const tree = growTree([binned(column)], values, Int32Array.from(column), {
      depth: 1,
      minimumRows: 5,
      shrinkage: 0,
    });
    // Quantile borders lie 1.6 rows apart: one row may fall on the wrong side.
    expect(tree.left!.value).toBeCloseTo(-3, 0);
    expect(tree.right!.value).toBeCloseTo(2, 1);
    expect(readsColumn(tree, 0)).toBe(true);
    expect(readsColumn(tree, 1)).toBe(false);
  });

  it('learns on which side missing values belong', () => {
    const column = Float64Array.from({ length: 90 }, (_, row) => (row < 30 ? NaN : row));
    const values = Float64Array.from({ length: 90 }, (_, row) => (row < 30 || row >= 60 ? 5 : 0));
    const rows = Int32Array.from({ length: 90 }, (_, row) => row);
    const tree = growTree([binned(column)], values, rows, { depth: 1, minimumRows: 5, shrinkage: 0 });
    expect(tree.missingLeft).toBe(false);
    expect(tree.right!.value).toBeCloseTo(5, 0);
  });

  it('splits nothing where there is nothing to gain', () => {
    const column = binned(uniformColumn(50, 1));
    const rows = Int32Array.from({ length: 50 }, (_, row) => row);
    const tree = growTree([column], new Float64Array(50).fill(4), rows, { depth: 3, minimumRows: 5, shrinkage: 0 });
    expect([tree.left, tree.value]).toEqual([null, 4]);
  });
});

describe('boosted trees', () => {
  const columns = [1, 2, 3].map((seed) => uniformColumn(2_000, seed));
  const noise = seededUniform(9);
  const values = Float64Array.from(
    columns[0]!,
    (x, row) => Math.sin(3 * x) + (columns[1]![row]! > 0 ? 1 : 0) + 0.1 * (noise() - 0.5),
  );
  const all = columns.map(binned);

  it('learn a curve and a step from rows that they were not fitted on', () => {
    const boosted = boostTrees(all, values, 1_500, { ...SETTINGS, rounds: 200 });
    const forecasts = predictTrees(boosted, all);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    let [error, variance] = [0, 0];
    for (let row = 1_500; row < 2_000; row++) {
      error += (forecasts[row]! - values[row]!) ** 2;
      variance += (values[row]! - mean) ** 2;
    }
    expect(1 - error / variance).toBeGreaterThan(0.97);
  });

  it('stop when held-out rows no longer get better: pure noise needs next to no tree', () => {
    const boosted = boostTrees([binned(randomWalk(600, 5))], uniformColumn(600, 6), 480, SETTINGS);
    expect(boosted.trees.length).toBeLessThan(15);
  });

  it('are equal for equal data', () => {
    expect(boostTrees(all, values, 1_500, SETTINGS)).toEqual(boostTrees(all, values, 1_500, SETTINGS));
  });
});
