import fc from 'fast-check';
import { AGGREGATIONS, periodEnd, periodEnds, resample, type Aggregation } from '#src/ml/frame/resample.js';
import { differingRows } from '../../../support/series.js';

const grid = { stepMs: 10, offset: 3 };
const times = Float64Array.of(4, 7, 13, 14, 30, 43, 44);
const values = Float64Array.of(1, 2, 9, NaN, 5, 6, 7);

describe('periods', () => {
  it('are known by their ends, and a time at an end belongs to it', () => {
    expect([3, 4, 13, 14, -7, -6].map((time) => periodEnd(time, grid))).toEqual([3, 13, 13, 23, -7, 3]);
    expect([...periodEnds(times, grid)]).toEqual([13, 23, 33, 43, 53]);
  });
});

describe('resample', () => {
  it.each<[Aggregation, number[]]>([
    ['mean', [4, NaN, 5, 6, 7]],
    ['median', [2, NaN, 5, 6, 7]],
    ['last', [9, NaN, 5, 6, 7]],
    ['first', [1, NaN, 5, 6, 7]],
    ['min', [1, NaN, 5, 6, 7]],
    ['max', [9, NaN, 5, 6, 7]],
    ['sum', [12, NaN, 5, 6, 7]],
  ])('%s of what came in each period, NaN where nothing did', (aggregation, expected) => {
    const axis = Float64Array.of(13, 23, 33, 43, 53);
    expect([...resample(times, values, axis, grid, aggregation)]).toEqual(expected);
  });

  it('leaves out what came before the first period', () => {
    expect([...resample(times, values, Float64Array.of(33, 43), grid, 'sum')]).toEqual([5, 6]);
  });

  it('makes no row of anything after its time', () => {
    const series = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(
        series,
        fc.integer({ min: 0, max: 200 }),
        fc.constantFrom(...AGGREGATIONS),
        (drawn, t, aggregation) => {
          const at = Float64Array.from(drawn).sort();
          const axis = periodEnds(at, grid);
          const before = resample(at, at, axis, grid, aggregation);
          const changed = at.map((time) => (time > t ? 1e6 - time : time));
          const rows = axis.filter((end) => end <= t).length;
          const after = resample(at, changed, axis, grid, aggregation);
          expect(differingRows(after.subarray(0, rows), before.subarray(0, rows))).toEqual([]);
        },
      ),
    );
  });
});
