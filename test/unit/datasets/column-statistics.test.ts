import { summariseColumn } from '#src/datasets/summary/column-statistics.js';

describe('column statistics', () => {
  it('summarises what is there', () => {
    expect(summariseColumn('x', Float64Array.of(4, NaN, 1, 3, 2, NaN))).toEqual({
      name: 'x',
      count: 4,
      missing: 2,
      mean: 2.5,
      std: Math.sqrt(5 / 3),
      min: 1,
      lowerQuartile: 1.75,
      median: 2.5,
      upperQuartile: 3.25,
      max: 4,
    });
  });

  it('keeps the spread of large numbers with a small one', () => {
    const { mean, std } = summariseColumn(
      'x',
      Float64Array.from([4, 7, 13, 16], (value) => 1e9 + value),
    );
    expect(mean).toBe(1e9 + 10);
    expect(std).toBeCloseTo(Math.sqrt(30), 12);
  });

  it('has nothing to say about a column without values, and no deviation of one', () => {
    expect(summariseColumn('x', Float64Array.of(NaN))).toMatchObject({ count: 0, missing: 1, mean: null, min: null });
    expect(summariseColumn('x', Float64Array.of(7))).toMatchObject({ count: 1, mean: 7, std: null, median: 7 });
  });

  it('gives null rather than infinity', () => {
    expect(summariseColumn('x', Float64Array.of(1e308, 1.5e308))).toMatchObject({
      mean: null,
      std: null,
      max: 1.5e308,
    });
  });
});
