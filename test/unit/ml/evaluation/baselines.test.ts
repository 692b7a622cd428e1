import fc from 'fast-check';
import { naiveRow, seasonalNaiveRow } from '#src/ml/evaluation/baselines.js';

describe('naive baseline', () => {
  it('repeats the value at the origin, or the last one before a hole', () => {
    const series = Float64Array.of(1, 2, NaN, NaN, 5);
    expect(naiveRow(series, 4)).toBe(4);
    expect(naiveRow(series, 3)).toBe(1);
  });

  it('fails where there is nothing to repeat', () => {
    expect(() => naiveRow(Float64Array.of(NaN, NaN), 1)).toThrow('no value at or before row 1');
  });
});

describe('seasonal-naive baseline', () => {
  it('repeats the last season, step by step, over a horizon of several seasons', () => {
    const series = Float64Array.from({ length: 20 }, (_, row) => row);
    const rows = Array.from({ length: 7 }, (_, step) => seasonalNaiveRow(series, 11, step + 1, 3));
    expect(rows).toEqual([9, 10, 11, 9, 10, 11, 9]);
  });

  it('with a season of 1 is the naive one', () => {
    const series = Float64Array.from({ length: 9 }, (_, row) => row);
    for (const step of [1, 2, 5]) expect(seasonalNaiveRow(series, 6, step, 1)).toBe(naiveRow(series, 6));
  });

  it('takes the season before where the value is masked, and the last value where no season is left', () => {
    const series = Float64Array.of(0, 1, 2, NaN, 4, 5);
    expect(seasonalNaiveRow(series, 5, 1, 3)).toBe(0);
    expect(seasonalNaiveRow(series, 5, 1, 12)).toBe(5);
  });

  it('never looks past the origin and keeps the phase', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 30 }),
        (origin, step, season) => {
          const series = Float64Array.from({ length: origin + 1 }, (_, row) => row);
          const row = seasonalNaiveRow(series, origin, step, season);
          expect(row).toBeLessThanOrEqual(origin);
          if (origin >= season) expect((origin + step - row) % season).toBe(0);
        },
      ),
    );
  });
});
