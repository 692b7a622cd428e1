import fc from 'fast-check';
import { averageTrueRange } from '#src/ml/features/average-true-range.js';
import { exponentialAverage } from '#src/ml/features/exponential-average.js';
import { rollingBands } from '#src/ml/features/rolling-bands.js';
import { rollingMeans, rollingMoments } from '#src/ml/features/rolling-moments.js';
import { relativeStrength } from '#src/ml/features/rsi.js';
import { barColumns, differingRows, largestError, randomWalk } from '../../../support/series.js';

/** Real: the kernels that take several rows a turn, held to their recurrences taken row by row. */

/** A_t = A_{t−1} + weight · (x_t − A_{t−1}) from the mean of `window` values on; anew after a NaN. */
function averageByRow(values: Float64Array, window: number, weight: number): Float64Array {
  const run: number[] = [];
  let average = NaN;
  return values.map((value) => {
    if (Number.isNaN(value)) {
      run.length = 0;
      return (average = NaN);
    }
    if (run.push(value) < window) return NaN;
    if (run.length === window) return (average = run.reduce((sum, one) => sum + one / window, 0));
    return (average += weight * (value - average));
  });
}

function changesOf(values: Float64Array, of: (change: number) => number): Float64Array {
  return values.map((value, row) => (row === 0 ? NaN : of(value - values[row - 1]!)));
}

function strengthByRow(values: Float64Array, window: number): Float64Array {
  const side = (of: (change: number) => number) => averageByRow(changesOf(values, of), window, 1 / window);
  const gains = side((change) => (change < 0 ? 0 : change));
  const losses = side((change) => (change > 0 ? 0 : -change));
  return gains.map((gain, row) => (gain + losses[row]! === 0 ? 50 : (100 * gain) / (gain + losses[row]!)));
}

/** Walks with a NaN here and there, so that averages begin and end at each place of a turn. */
const scene = fc.record({
  rows: fc.integer({ min: 0, max: 60 }),
  seed: fc.nat(),
  window: fc.integer({ min: 1, max: 9 }),
  holes: fc.array(fc.nat(59), { maxLength: 3 }),
});

function walkWith(rows: number, seed: number, holes: readonly number[]): Float64Array {
  const values = randomWalk(rows, seed, 100);
  for (const hole of holes) if (hole < rows) values[hole] = NaN;
  return values;
}

describe('exponentialAverage', () => {
  it('is its recurrence taken row by row, wherever NaN lie, also over its own input', () => {
    fc.assert(
      fc.property(scene, ({ rows, seed, window, holes }) => {
        const values = walkWith(rows, seed, holes);
        const averages = exponentialAverage(values, window, 1 / window);
        expect(largestError(averages, averageByRow(values, window, 1 / window))).toBeLessThan(1e-14);
        expect(differingRows(exponentialAverage(values, window, 1 / window, values), averages)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [12, 1e9],
    [10_000, 100],
  ])('keeps its digits over 100,000 rows: window %d, level %d', (window, level) => {
    const values = randomWalk(100_000, 5, level);
    const averages = exponentialAverage(values, window, 2 / (window + 1));
    expect(largestError(averages, averageByRow(values, window, 2 / (window + 1)))).toBeLessThan(1e-12);
  });

  it('is exactly the constant over a constant', () => {
    const averages = exponentialAverage(new Float64Array(50).fill(0.1), 7, 0.25);
    expect([...averages.subarray(6)]).toEqual(Array(44).fill(0.1));
  });
});

describe('relativeStrength', () => {
  it('is 100 · G / (G + L) of the two averages taken row by row, wherever NaN lie', () => {
    fc.assert(
      fc.property(scene, ({ rows, seed, window, holes }) => {
        const values = walkWith(rows, seed, holes);
        expect(largestError(relativeStrength(values, window), strengthByRow(values, window))).toBeLessThan(1e-11);
      }),
      { numRuns: 300 },
    );
  });

  it('stays within 0 and 100 to the bit, which a series that only rises or falls reaches exactly', () => {
    const steep = Float64Array.from({ length: 200 }, (_, row) => Math.exp(row / 7));
    expect(new Set(relativeStrength(steep, 14).subarray(14))).toEqual(new Set([100]));
    expect(
      new Set(
        relativeStrength(
          steep.map((value) => -value),
          14,
        ).subarray(14),
      ),
    ).toEqual(new Set([0]));
    const jumps = randomWalk(5_000, 3, 0).map((value, row) => (row % 97 === 0 ? value * 1e9 : value));
    expect(relativeStrength(jumps, 3).filter((value) => value < 0 || value > 100)).toHaveLength(0);
  });
});

describe('averageTrueRange', () => {
  const rangeByRow = ({ high, low }: { high: Float64Array; low: Float64Array }, close: Float64Array) =>
    close.map((_, row) => {
      const before = row === 0 ? NaN : close[row - 1]!;
      return Math.max(high[row]!, before) - Math.min(low[row]!, before);
    });

  it("is Wilder's smoothing of max(high, before) − min(low, before) taken row by row, wherever NaN lie", () => {
    fc.assert(
      fc.property(scene, ({ rows, seed, window, holes }) => {
        const close = randomWalk(rows, seed, 100);
        const bars = barColumns(close);
        for (const [at, hole] of holes.entries()) {
          if (hole < rows) [close, bars.high, bars.low][at]![hole] = NaN;
        }
        const expected = averageByRow(rangeByRow(bars, close), window, 1 / window);
        expect(largestError(averageTrueRange({ ...bars, close }, window), expected)).toBeLessThan(1e-13);
      }),
      { numRuns: 300 },
    );
  });

  it('is within window / 2 units in the last place of a range that stays the same', () => {
    const rows = 30_000;
    const [close, high, low] = [100, 100.7, 99.6].map((level) => new Float64Array(rows).fill(level)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (const window of [14, 200, 10_000]) {
      const averages = averageTrueRange({ high, low, close }, window).subarray(window);
      const expected = new Float64Array(averages.length).fill(100.7 - 99.6);
      expect(largestError(averages, expected)).toBeLessThan((window / 2) * Number.EPSILON);
    }
  });
});

it('rollingBands and rollingMeans are the moments of rollingMoments to the bit, for any window and any NaN', () => {
  fc.assert(
    fc.property(scene, ({ rows, seed, window, holes }) => {
      const values = walkWith(rows, seed, holes);
      const { means, variances } = rollingMoments(values, window);
      const { middle, upper, lower } = rollingBands(values, window, 2.5);
      const distance = (row: number) => 2.5 * Math.sqrt(variances[row]!);
      expect(differingRows(middle, means)).toEqual([]);
      expect(differingRows(rollingMeans(values, window), means)).toEqual([]);
      const at = (sign: number) => means.map((mean, row) => mean + sign * distance(row));
      expect(differingRows(upper, at(1))).toEqual([]);
      expect(differingRows(lower, at(-1))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
