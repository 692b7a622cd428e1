import fc from 'fast-check';
import { intervalScore, IntervalSums, pinballLoss } from '#src/ml/metrics/interval-metrics.js';
import { quantileLevels } from '#src/ml/evaluation/forecast-intervals.js';

const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });

describe('interval metrics', () => {
  it('are those computed by hand', () => {
    expect(pinballLoss(0.9, 10, 8)).toBeCloseTo(1.8, 14);
    expect(pinballLoss(0.9, 8, 10)).toBeCloseTo(0.2, 14);
    expect(pinballLoss(0.5, 3, 7)).toBe(2);
    // 2 / 0.2 = 10 times the distance
    expect(intervalScore(0.8, 5, 4, 6)).toBe(2);
    expect(intervalScore(0.8, 3.5, 4, 6)).toBeCloseTo(2 + 10 * 0.5, 12);
    expect(intervalScore(0.8, 7, 4, 6)).toBeCloseTo(2 + 10, 12);
    const sums = new IntervalSums(0.8, 2);
    sums.add(0, 5, 4, 6);
    sums.add(0, 4, 4, 6);
    sums.add(1, 70, 40, 60);
    const unit = (cell: number) => (cell === 0 ? 1 : 10);
    expect(sums.scores([0, 1], unit)).toEqual({
      coverage: 0.8,
      count: 3,
      covered: 2 / 3,
      meanWidth: 2,
      winkler: expect.closeTo((2 + 2 + 2 + 10) / 3, 12) as number,
      pinball: expect.closeTo((0.2 / 4) * (16 / 3), 12) as number,
    });
    expect(new IntervalSums(0.8, 1).scores([0], () => 1)).toBeNull();
  });

  it('say the same as the pinball losses of both ends', () => {
    fc.assert(
      fc.property(value, value, value, fc.constantFrom(0.5, 0.8, 0.95), (actual, one, other, coverage) => {
        const [lower, upper] = [Math.min(one, other), Math.max(one, other)];
        const [low, high] = quantileLevels(coverage);
        const both = pinballLoss(low, actual, lower) + pinballLoss(high, actual, upper);
        const score = intervalScore(coverage, actual, lower, upper);
        expect((2 / (1 - coverage)) * both).toBeCloseTo(score, 6);
        const sums = new IntervalSums(coverage, 1);
        sums.add(0, actual, lower, upper);
        expect(sums.scores([0], () => 1)!.pinball).toBeCloseTo(both / 2, 8);
      }),
    );
  });
});
