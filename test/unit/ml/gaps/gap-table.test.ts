import { DEFAULT_GAP_THRESHOLDS, gapTable } from '#src/ml/gaps/gap-table.js';
import { DAY_MS, HOUR_MS, regularTimes } from '../../../support/series.js';

const start = Date.UTC(2020, 0, 1);
const hour = (row: number): number => start + row * HOUR_MS;
const table = (times: Float64Array, values: Float64Array = times, thresholds = {}) =>
  gapTable(times, values, { ...DEFAULT_GAP_THRESHOLDS, ...thresholds });

describe('gapTable', () => {
  it('lists start, end, length and share of each gap, large from a tenth of all rows on', () => {
    const times = regularTimes(100, HOUR_MS).filter((_, row) => row !== 7 && (row < 30 || row > 41));
    expect(table(times)).toEqual({
      step: { unit: 'milliseconds', size: HOUR_MS },
      regular: true,
      observedRows: 87,
      missingRows: 13,
      gaps: [
        { start: hour(7), end: hour(7), rows: 1, share: 0.01, size: 'small' },
        { start: hour(30), end: hour(41), rows: 12, share: 0.12, size: 'large' },
      ],
    });
  });

  it('counts rows without a value as missing, but not before the first and after the last value', () => {
    const times = regularTimes(20, HOUR_MS).filter((_, row) => row !== 6);
    const values = times.map((_, row) => (row < 2 || row === 5 || row > 16 ? NaN : row));
    expect(table(times, values).gaps).toEqual([
      { start: hour(5), end: hour(6), rows: 2, share: 2 / 16, size: 'large' },
    ]);
  });

  it('takes both thresholds', () => {
    const times = regularTimes(40, HOUR_MS).filter((_, row) => row !== 7 && (row < 20 || row > 22));
    const rows = (thresholds: object) => table(times, times, thresholds).gaps.map((gap) => [gap.rows, gap.size]);
    expect(rows({})).toEqual([
      [1, 'small'],
      [3, 'small'],
    ]);
    expect(rows({ largeShare: 0.05 })).toEqual([
      [1, 'small'],
      [3, 'large'],
    ]);
    expect(rows({ stepFactor: 2 })).toEqual([[3, 'small']]);
    expect(rows({ stepFactor: 4 })).toEqual([]);
  });

  it('irregular times: what does not fit in at the inferred step', () => {
    const minutes = [0, 9, 20, 30, 40, 51, 115, 125, 136, 145, 155, 165, 176, 302, 312, 323];
    const times = Float64Array.from(minutes, (minute) => start + minute * 60_000);
    const { step, regular, missingRows, gaps } = table(times);
    expect([step, regular]).toEqual([{ unit: 'milliseconds', size: 600_000 }, false]);
    expect(
      gaps.map(({ start: from, end, rows, size }) => [(from - start) / 60_000, (end - start) / 60_000, rows, size]),
    ).toEqual([
      [61, 101, 5, 'large'],
      [186, 296, 12, 'large'],
    ]);
    expect(missingRows).toBe(17);
  });

  it('weekends and holidays of trading days are no gap, three weeks are', () => {
    const days = regularTimes(120, DAY_MS).filter(
      (time, row) => new Date(time).getUTCDay() % 6 !== 0 && (row < 60 || row > 80),
    );
    const holiday = days.filter((_, row) => row !== 10 && row !== 11);
    const { gaps, regular } = table(holiday);
    expect(regular).toBe(true);
    expect(gaps.map(({ rows, size }) => [rows, size])).toEqual([[15, 'large']]);
  });

  it('months', () => {
    const months = Float64Array.from([0, 1, 2, 3, 6, 7, 8], (month) => Date.UTC(2020, month, 1));
    expect(table(months)).toMatchObject({
      step: { unit: 'month', size: 1 },
      gaps: [{ start: Date.UTC(2020, 4, 1), end: Date.UTC(2020, 5, 1), rows: 2 }],
    });
  });

  it('one value has no step and no gap', () => {
    expect(table(regularTimes(3, HOUR_MS), Float64Array.of(NaN, 1, NaN))).toEqual({
      step: null,
      regular: true,
      observedRows: 1,
      missingRows: 0,
      gaps: [],
    });
  });
});
