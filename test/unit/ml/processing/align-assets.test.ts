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

  it("one asset's gap deletes no row of another, whatever the join is that keeps rows", () => {
    const whole = assetFrame('b', hours(0, 1, 2, 3, 4, 5, 6, 7), [0, 1, 2, 3, 4, 5, 6, 7]);
    const holed = assetFrame('a', hours(0, 1, 6, 7), [10, 11, 16, 17]);
    for (const join of ['union', 'targets'] as const) {
      const { times, columns } = alignAssets(
        [holed, whole],
        planOf(['a', 'b'], { ...axis(join), targets: ['a', 'b'] }),
      );
      expect(times).toEqual(whole.frame.times);
      expect([...columns[1]!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect([...columns[0]!]).toEqual([10, 11, NaN, NaN, NaN, NaN, 16, 17]);
    }
  });

  describe('on a grid', () => {
    const MINUTE_MS = 60_000;
    const minutes = [0, 9, 20, 30, 40, 51, 115, 125, 136, 145, 155, 165, 176, 302, 312, 323];
    const irregular = assetFrame(
      'a',
      Float64Array.from(minutes, (minute) => minute * MINUTE_MS),
      minutes,
    );
    const onGrid = (step: number | 'auto' | null, aggregation?: 'mean' | 'last') =>
      planOf(['a'], { axis: { join: 'union', start: null, end: null, step, aggregation } });

    it('puts irregular times on the step it infers, holes as missing rows, and says so', () => {
      const { times, columns, calendar, notes } = alignAssets([irregular], onGrid('auto'));
      expect(calendar).toMatchObject({ step: 10 * MINUTE_MS, irregular: false, grid: { offset: 0 } });
      expect([...times].map((time) => time / MINUTE_MS)).toEqual(Array.from({ length: 33 }, (_, row) => row * 10));
      expect([...columns[0]!.subarray(0, 14)]).toEqual([0, 9, 20, 30, 40, NaN, 51, NaN, NaN, NaN, NaN, NaN, 115, 125]);
      expect(notes).toEqual([
        'Irregular times, inferred step 10 min: 16 rows are put on a regular grid of 33 periods, each the mean of what came in it and known at its end; periods without a row are missing',
      ]);
    });

    it('leaves the last period out until a row shows that it is over', () => {
      const { times } = alignAssets([irregular], onGrid('auto'));
      expect(times[times.length - 1]! / MINUTE_MS).toBe(320);
    });

    it('leaves irregular times alone when asked to, and regular ones with auto', () => {
      const kept = alignAssets([irregular], onGrid(null));
      expect([kept.times, kept.calendar.irregular]).toEqual([irregular.frame.times, true]);
      expect(kept.notes[0]).toMatch('they stay as they are and have no missing rows; data.step puts them');
      expect(alignAssets([a], onGrid('auto')).calendar.grid).toBeUndefined();
    });

    it('puts regular times on a coarser step when asked to', () => {
      const hourly = assetFrame(
        'a',
        regularTimes(50, HOUR_MS),
        Array.from({ length: 50 }, (_, row) => row),
      );
      const { times, columns } = alignAssets([hourly], onGrid(DAY_MS, 'last'));
      expect([...times].map((time) => new Date(time).toISOString())).toEqual([
        '2020-01-01T00:00:00.000Z',
        '2020-01-02T00:00:00.000Z',
        '2020-01-03T00:00:00.000Z',
      ]);
      expect([...columns[0]!]).toEqual([0, 24, 48]);
    });

    it('gives two hourly assets ten minutes apart one hourly axis', () => {
      const hourly = (asset: string, offset: number) =>
        assetFrame(
          asset,
          regularTimes(50, HOUR_MS, offset),
          Array.from({ length: 50 }, (_, row) => row),
        );
      const { times, columns } = alignAssets(
        [hourly('a', 0), hourly('b', 10 * MINUTE_MS)],
        planOf(['a', 'b'], { axis: { join: 'union', start: null, end: null, step: 'auto' } }),
      );
      expect(times).toEqual(regularTimes(50, HOUR_MS, 10 * MINUTE_MS));
      expect([columns[0]![20], columns[1]![20]]).toEqual([20, 20]);
    });
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
