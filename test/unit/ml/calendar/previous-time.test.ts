import fc from 'fast-check';
import { timesUpTo } from '#src/ml/calendar/previous-time.js';
import { forecastTimes } from '#src/ml/processing/forecast-times.js';
import type { SeriesCalendar } from '#src/ml/processing/processing-plan.js';
import { DAY_MS, HOUR_MS } from '../../../support/series.js';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const WORKDAYS = [1, 2, 3, 4, 5];

describe('times up to a row', () => {
  it('are those that the calendar goes on with from the first of them', () => {
    const weekdays = fc.subarray(EVERY_DAY, { minLength: 1 });
    fc.assert(
      fc.property(
        weekdays,
        fc.constantFrom(DAY_MS, HOUR_MS, 5 * HOUR_MS, 15 * 60_000),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 5_000 }),
        (days, step, rows, ahead) => {
          const calendar: SeriesCalendar = { unit: 'milliseconds', step, weekdays: days, irregular: false };
          // A row of the calendar.
          const last = forecastTimes(calendar, Date.UTC(2024, 0, 1), ahead + 1)[ahead]!;
          const times = timesUpTo(calendar, last, rows);
          expect(times[rows - 1]).toBe(last);
          expect([times[0]!, ...forecastTimes(calendar, times[0]!, rows - 1)]).toEqual([...times]);
        },
      ),
    );
  });

  it('leave out days of rest and keep to the end of months', () => {
    const daily: SeriesCalendar = { unit: 'milliseconds', step: DAY_MS, weekdays: WORKDAYS, irregular: false };
    const days = (times: Float64Array) => Array.from(times, (time) => new Date(time).toISOString().slice(0, 10));
    expect(days(timesUpTo(daily, Date.UTC(2024, 0, 8), 3))).toEqual(['2024-01-04', '2024-01-05', '2024-01-08']);
    const monthly: SeriesCalendar = { unit: 'month', step: 1, weekdays: EVERY_DAY, irregular: false, monthEnd: true };
    expect(days(timesUpTo(monthly, Date.UTC(2024, 2, 31), 3))).toEqual(['2024-01-31', '2024-02-29', '2024-03-31']);
  });
});
