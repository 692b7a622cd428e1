import { alignAssets } from '#src/ml/processing/align-assets.js';
import { failureOf } from '../../../support/failure-of.js';
import { assetFrame, planOf } from '../../../support/plans.js';
import { DAY_MS, HOUR_MS, regularTimes } from '../../../support/series.js';

const hours = (...rows: number[]) => Float64Array.from(rows, (row) => row * HOUR_MS);
const axis = (join: 'union' | 'targets' | 'intersection', start: number | null = null, end: number | null = null) => ({
  axis: { join, start: start === null ? null : start * HOUR_MS, end: end === null ? null : end * HOUR_MS },
});
const a = assetFrame('a', hours(0, 1, 2, 4, 5), [10, 11, 12, 14, 15]);
const b = assetFrame('b', hours(1, 2, 3, 4, 7), [21, 22, 23, 24, 27]);
const aligned = (changes: Parameters<typeof planOf>[1]) => {
  const { times, names, columns } = alignAssets([b, a], planOf(['a', 'b'], changes));
  return { hours: [...times].map((time) => time / HOUR_MS), names, columns: columns.map((column) => [...column]) };
};

describe('alignAssets', () => {
  it('loses no row of any asset on the union of their times, and adds the step that all lack', () => {
    expect(aligned(axis('union'))).toEqual({
      hours: [0, 1, 2, 3, 4, 5, 6, 7],
      names: ['a', 'b'],
      columns: [
        [10, 11, 12, NaN, 14, 15, NaN, NaN],
        [NaN, 21, 22, 23, 24, NaN, NaN, 27],
      ],
    });
  });

  it('follows the targets, with a row where they miss a step', () => {
    expect(aligned({ ...axis('targets'), targets: ['a'] })).toMatchObject({
      hours: [0, 1, 2, 3, 4, 5],
      columns: [
        [10, 11, 12, NaN, 14, 15],
        [NaN, 21, 22, 23, 24, NaN],
      ],
    });
  });

  it('gives a coarser target axis the newest earlier value of a finer asset', () => {
    const daily = assetFrame('d', regularTimes(4, DAY_MS, 0), [1, 2, 3, 4]);
    const hourly = assetFrame('h', hours(1, 5, 24, 30, 47, 49), [1, 5, 24, 30, 47, 49]);
    const { columns } = alignAssets([daily, hourly], planOf(['d', 'h'], axis('targets')));
    expect([...columns[1]!]).toEqual([NaN, 24, 47, 49]);
  });

  it('keeps to the common rows of an intersection, nothing added', () => {
    expect(aligned(axis('intersection'))).toMatchObject({
      hours: [1, 2, 4],
      columns: [
        [11, 12, 14],
        [21, 22, 24],
      ],
    });
  });

  it('leaves out rows before start and after end, both included', () => {
    expect(aligned(axis('union', 1, 4)).hours).toEqual([1, 2, 3, 4]);
  });

  it('infers the calendar from the train part alone', () => {
    const times = Float64Array.from([...regularTimes(60, HOUR_MS, 0), ...regularTimes(40, 60_000, 60 * HOUR_MS)]);
    const series = alignAssets([assetFrame('a', times, times)], planOf(['a']));
    expect(series.calendar).toEqual({
      unit: 'milliseconds',
      step: HOUR_MS,
      weekdays: [0, 1, 2, 3, 4, 5, 6],
      irregular: false,
    });
    expect(series.times).toEqual(times);
  });

  it('does not invent weekends for trading days, and a stock beside a coin keeps the weekends of the coin', () => {
    const days = regularTimes(60, DAY_MS);
    const trading = days.filter((time) => new Date(time).getUTCDay() % 6 !== 0);
    const frames = [assetFrame('stock', trading, trading), assetFrame('coin', days, days)];
    expect(alignAssets(frames, planOf(['stock'])).times).toEqual(trading);
    expect(alignAssets(frames, planOf(['stock', 'coin'])).times).toEqual(days);
    expect(alignAssets(frames, planOf(['stock', 'coin'], axis('targets'))).times).toEqual(trading);
  });

  it('shares no buffer with the frames, so that either may be moved to a thread', () => {
    for (const join of ['union', 'targets', 'intersection'] as const) {
      const series = alignAssets([a], planOf(['a'], axis(join)));
      const moved = structuredClone(series, {
        transfer: [series.times, series.columns[0]!].map(({ buffer }) => buffer as ArrayBuffer),
      });
      expect([moved.times.length, a.frame.times.length, a.frame.columns[0]!.length]).toEqual([
        join === 'intersection' ? 5 : 6,
        5,
        5,
      ]);
    }
  });

  it('names what the data does not have', () => {
    expect(failureOf(() => alignAssets([a], planOf(['a', 'b'])))).toEqual({
      code: 'ASSET_UNKNOWN',
      message: 'The data has no asset b; it has a',
      details: { asset: 'b', known: ['a'] },
    });
    const plan = planOf(['a'], { assets: [{ id: 'a', assetClass: null, column: 'close' }] });
    expect(failureOf(() => alignAssets([a], plan))).toMatchObject({
      code: 'COLUMN_UNKNOWN',
      message: 'Asset a has no column close; it has value',
    });
  });

  it('refuses a join without rows, and a train part of one', () => {
    const other = assetFrame('b', hours(9, 10), [1, 2]);
    expect(failureOf(() => alignAssets([a, other], planOf(['a', 'b'], axis('intersection'))))).toMatchObject({
      code: 'SERIES_EMPTY',
      message:
        'The join intersection of 2 assets has no row between open and open: widen data.start and data.end, or choose another join',
    });
    expect(failureOf(() => alignAssets([assetFrame('a', hours(1), [1])], planOf(['a'])))).toMatchObject({
      code: 'SERIES_TOO_SHORT',
      message:
        'The train part has 1 rows, look-back 3 + horizon 2 needs 5: shorten the windows, move the split or add data',
    });
  });
});
