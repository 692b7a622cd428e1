import fc from 'fast-check';
import { rollingMoments } from '#src/ml/features/rolling-moments.js';
import { largestError, randomWalk } from '../../../support/series.js';

/** O(n·w): each window by itself, two passes, measured from its own first value. */
function naiveMoments(values: Float64Array, window: number): { means: Float64Array; variances: Float64Array } {
  const means = new Float64Array(values.length).fill(NaN);
  const variances = new Float64Array(values.length).fill(NaN);
  for (let row = window - 1; row < values.length; row++) {
    const first = row - window + 1;
    const anchor = values[first]!;
    let mean = 0;
    for (let at = first; at <= row; at++) mean += (values[at]! - anchor) / window;
    let squares = 0;
    for (let at = first; at <= row; at++) squares += (values[at]! - anchor - mean) ** 2;
    means[row] = anchor + mean;
    variances[row] = squares / window;
  }
  return { means, variances };
}

describe('rollingMoments', () => {
  it('equals the naive O(n·w) sums for any window and any NaN', () => {
    const value = fc.oneof({ weight: 8, arbitrary: fc.double({ min: -100, max: 100 }) }, fc.constant(NaN));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (given, window) => {
        const values = Float64Array.from(given);
        const { means, variances } = rollingMoments(values, window);
        const expected = naiveMoments(values, window);
        expect(largestError(means, expected.means)).toBeLessThan(1e-12);
        expect(largestError(variances, expected.variances)).toBeLessThan(1e-10);
      }),
      { numRuns: 300 },
    );
  });

  it.each([1e6, 1e9, 1e12])('keeps its digits over 100,000 rows at an offset of %d', (offset) => {
    const values = randomWalk(100_000, 17, offset);
    const { means, variances } = rollingMoments(values, 50);
    const expected = naiveMoments(values, 50);
    expect(largestError(means, expected.means)).toBeLessThan(4 * Number.EPSILON);
    expect(largestError(variances, expected.variances)).toBeLessThan(1e-12);
  });

  it('forgets a spike of 1e15 with the row that leaves the window', () => {
    const values = Float64Array.from({ length: 100 }, (_, row) => (row === 30 ? 1e15 : Math.sin(row)));
    const expected = naiveMoments(values, 10);
    const { means, variances } = rollingMoments(values, 10);
    expect(largestError(means.subarray(40), expected.means.subarray(40))).toBeLessThan(1e-15);
    expect(largestError(variances.subarray(40), expected.variances.subarray(40))).toBeLessThan(1e-15);
  });

  it('gives variance 0 exactly over a constant', () => {
    const { means, variances } = rollingMoments(new Float64Array(30).fill(0.1), 7);
    expect([...means.subarray(6)]).toEqual(Array(24).fill(0.1));
    expect([...variances.subarray(6)]).toEqual(Array(24).fill(0));
  });
});
