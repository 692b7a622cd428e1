import { forecastTimes } from '#src/ml/processing/forecast-times.js';
import type { SeriesCalendar } from '#src/ml/processing/processing-plan.js';
import { DAY_MS, HOUR_MS } from '../../../support/series.js';

const everyDay = [0, 1, 2, 3, 4, 5, 6];
const days = (calendar: Partial<SeriesCalendar>, last: string, horizon: number) =>
  Array.from(
    forecastTimes(
      { unit: 'milliseconds', step: DAY_MS, weekdays: everyDay, irregular: false, ...calendar },
      Date.parse(last),
      horizon,
    ),
    (time) => new Date(time).toISOString().slice(0, 16),
  );

describe('forecastTimes', () => {
  it('skips the weekend of trading-day data', () => {
    expect(days({ weekdays: [1, 2, 3, 4, 5] }, '2020-03-05T00:00Z', 4)).toEqual([
      '2020-03-06T00:00',
      '2020-03-09T00:00',
      '2020-03-10T00:00',
      '2020-03-11T00:00',
    ]);
  });

  it('goes on with the first step of Monday for hourly data that rests at weekends', () => {
    const calendar = { step: HOUR_MS, weekdays: [1, 2, 3, 4, 5] };
    expect(days(calendar, '2020-03-06T22:30Z', 3)).toEqual([
      '2020-03-06T23:30',
      '2020-03-09T00:30',
      '2020-03-09T01:30',
    ]);
  });

  it('jumps over days of rest at once, however small the step', () => {
    expect(days({ step: 1, weekdays: [1] }, '2020-03-09T23:59:59.999Z', 1)).toEqual(['2020-03-16T00:00']);
  });

  it('keeps the day of the month, and the last day of months without it', () => {
    const monthly = { unit: 'month' as const, step: 1 };
    expect(days(monthly, '2020-11-15T06:00Z', 3)).toEqual(['2020-12-15T06:00', '2021-01-15T06:00', '2021-02-15T06:00']);
    expect(days(monthly, '2021-01-30T00:00Z', 3)).toEqual(['2021-02-28T00:00', '2021-03-30T00:00', '2021-04-30T00:00']);
    expect(days({ ...monthly, step: 12 }, '2020-02-29T00:00Z', 4).at(-1)).toBe('2024-02-29T00:00');
  });

  it('stays on month ends', () => {
    const monthEnds = { unit: 'month' as const, step: 1, monthEnd: true };
    expect(days(monthEnds, '2020-02-29T00:00Z', 3)).toEqual([
      '2020-03-31T00:00',
      '2020-04-30T00:00',
      '2020-05-31T00:00',
    ]);
  });

  it('steps plainly otherwise, also from a day of rest and for irregular data', () => {
    expect(days({ step: HOUR_MS, irregular: true }, '2020-03-07T23:00Z', 2)).toEqual([
      '2020-03-08T00:00',
      '2020-03-08T01:00',
    ]);
    expect(days({ weekdays: [1, 2, 3, 4, 5] }, '2020-03-07T00:00Z', 1)).toEqual(['2020-03-09T00:00']);
    expect(days({}, '2020-03-07T00:00Z', 0)).toEqual([]);
  });
});
