import fc from 'fast-check';
import { getFeatureStep } from '#src/ml/features/feature-steps.js';
import { rollingCovariance } from '#src/ml/features/rolling-covariance.js';
import { rollingMoments } from '#src/ml/features/rolling-moments.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { failureOf } from '../../../support/failure-of.js';
import { featureInput, largestError, randomWalk } from '../../../support/series.js';

/** Real: the steps; oracles are two-pass sums over each window. */

function compute(
  step: string,
  parameters: ParameterValues,
  values: ArrayLike<number>,
  reference: ArrayLike<number>,
): Record<string, Float64Array> {
  const columns = getFeatureStep(step).compute(featureInput(values, undefined, reference), parameters);
  return Object.fromEntries(columns.map((column) => [column.name, column.values]));
}

/** O(n·w), each window measured from its own first values. */
function naiveCovariances(x: Float64Array, y: Float64Array, window: number): Float64Array {
  return x.map((_, row) => {
    if (row < window - 1) return NaN;
    const [xs, ys] = [x, y].map((values) => {
      const rows = values.slice(row - window + 1, row + 1);
      const from = rows[0]!;
      const mean = rows.reduce((sum, value) => sum + (value - from), 0) / window;
      return rows.map((value) => value - from - mean);
    });
    return xs!.reduce((sum, value, at) => sum + value * ys![at]!, 0) / window;
  });
}

describe('rollingCovariance', () => {
  const value = fc.oneof({ weight: 8, arbitrary: fc.double({ min: -100, max: 100 }) }, fc.constant(NaN));

  it('equals the naive O(n·w) sums for any window and any NaN', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value), { maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        (rows, window) => {
          const x = Float64Array.from(rows, (row) => row[0]);
          const y = Float64Array.from(rows, (row) => row[1]);
          const { covariances } = rollingCovariance(x, y, window);
          expect(largestError(covariances, naiveCovariances(x, y, window))).toBeLessThan(1e-10);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is the variance of rollingMoments for a series with itself', () => {
    const walk = randomWalk(500, 3, 1e6);
    const { xVariances, yVariances, covariances } = rollingCovariance(walk, walk, 20);
    const { variances } = rollingMoments(walk, 20);
    for (const column of [xVariances, yVariances, covariances]) {
      expect(largestError(column, variances)).toBeLessThan(1e-15);
    }
  });

  it.each([1e6, 1e9, 1e12])('keeps its digits over 50,000 rows at an offset of %d', (offset) => {
    const [x, y] = [randomWalk(50_000, 17, offset), randomWalk(50_000, 18, -offset)];
    expect(largestError(rollingCovariance(x, y, 50).covariances, naiveCovariances(x, y, 50))).toBeLessThan(1e-12);
  });
});

describe('spread', () => {
  const x = [10, 12, 11, 15, 14];
  const y = [5, 4, 5.5, 5, 7];

  it('is difference, ratio or log-ratio, with its z-score over the window', () => {
    const difference = compute('spread', { window: 3 }, x, y);
    expect([...difference['SPREAD']!]).toEqual([5, 8, 5.5, 10, 7]);
    // 8, 5.5, 10: mean 47/6, population variance 61/18; the last of them is 13/6 above.
    expect(difference['SPREAD_Z_3']![3]).toBeCloseTo(13 / 6 / Math.sqrt(61 / 18), 14);
    expect([...compute('spread', { kind: 'ratio' }, x, y)['RATIO']!]).toEqual([2, 3, 2, 3, 2]);
    const logs = compute('spread', { kind: 'log-ratio' }, x, y)['LOG_RATIO']!;
    expect([...logs]).toEqual([2, 3, 2, 3, 2].map(Math.log));
  });

  it('is at its mean, z = 0, where it moves no more than rounding', () => {
    const walk = randomWalk(200, 5, 1_000);
    const scores = compute(
      'spread',
      { window: 10 },
      walk,
      walk.map((value) => value - 0.1),
    )['SPREAD_Z_10']!;
    expect(new Set(scores.subarray(9))).toEqual(new Set([0]));
  });

  it('is NaN where a ratio is not defined', () => {
    expect([...compute('spread', { kind: 'ratio' }, [1, 2], [0, 4])['RATIO']!]).toEqual([NaN, 0.5]);
    expect([...compute('spread', { kind: 'log-ratio' }, [-1, 4], [2, 4])['LOG_RATIO']!]).toEqual([NaN, 0]);
  });
});

describe('correlation', () => {
  it('of changes: y = 2x + noiseless trend is correlated to 1, its mirror to −1, with betas 1/2 and −1/2', () => {
    const x = randomWalk(300, 8, 50);
    const y = x.map((value, row) => 2 * value + 3 * row);
    const same = compute('correlation', { window: 20, of: 'changes' }, x, y);
    expect(largestError(same['CORR_20_changes']!.subarray(20), Array<number>(280).fill(1))).toBeLessThan(1e-12);
    expect(largestError(same['BETA_20_changes']!.subarray(20), Array<number>(280).fill(0.5))).toBeLessThan(1e-12);
    const mirrored = compute(
      'correlation',
      { window: 20, of: 'changes' },
      x,
      y.map((value) => -value),
    );
    expect(largestError(mirrored['CORR_20_changes']!.subarray(20), Array<number>(280).fill(-1))).toBeLessThan(1e-12);
    expect(largestError(mirrored['BETA_20_changes']!.subarray(20), Array<number>(280).fill(-0.5))).toBeLessThan(1e-12);
  });

  it('of returns: a worked example', () => {
    // Returns 0.1, −0.1, 0.2 and 0.2, 0, 0.1: deviations (1, −5, 4)/30 and (1, −1, 0)/10.
    const columns = compute('correlation', { window: 3 }, [100, 110, 99, 118.8], [50, 60, 60, 66]);
    expect(columns['CORR_3']![3]).toBeCloseTo(6 / Math.sqrt(42 * 2), 12);
    expect(columns['BETA_3']![3]).toBeCloseTo(1, 12);
    expect([...columns['CORR_3']!.subarray(0, 3)]).toEqual([NaN, NaN, NaN]);
  });

  it('is 0 where an asset rests', () => {
    const walk = randomWalk(30, 9, 20);
    const still = new Float64Array(30).fill(7);
    for (const [own, other] of [
      [walk, still],
      [still, walk],
    ] as const) {
      const columns = compute('correlation', { window: 5 }, own, other);
      expect([columns['CORR_5']![20], columns['BETA_5']![20]]).toEqual([0, 0]);
    }
  });

  it('cannot be computed without a reference', () => {
    expect(() => getFeatureStep('correlation').compute(featureInput([1, 2]), {})).toThrow(
      'feature step correlation was given no reference asset',
    );
    expect(failureOf(() => compute('correlation', { of: 'prices' }, [1], [1])).message).toBe(
      'correlation.of must be one of returns, changes, levels, not "prices"',
    );
  });
});
