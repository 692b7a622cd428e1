import { calendar } from '#src/ml/features/calendar.js';
import type { SeriesCalendar } from '#src/ml/processing/processing-plan.js';
import { DAY_MS, HOUR_MS, featureInput, regularTimes } from '../../../support/series.js';

const everyDay = [0, 1, 2, 3, 4, 5, 6];

describe('calendar', () => {
  it('puts the time of day, weekday, day of month and month on circles, in UTC', () => {
    // Wednesday 15 January 2020, 06:00 UTC.
    const times = regularTimes(1, HOUR_MS, Date.UTC(2020, 0, 15, 6));
    const columns = calendar.compute(featureInput([0], times), {});
    const at = (phase: number) => [Math.sin(2 * Math.PI * phase), Math.cos(2 * Math.PI * phase)];
    expect(columns.map((column) => column.values[0])).toEqual([...at(1 / 4), ...at(3 / 7), ...at(14 / 31), ...at(0)]);
  });

  it('knows the time of day to the minute, also before 1970', () => {
    const times = Float64Array.of(Date.UTC(1969, 11, 31, 1, 30), Date.UTC(1970, 0, 1, 1, 30));
    const [sine] = calendar.compute(featureInput([0, 0], times), {});
    expect([...sine!.values]).toEqual([Math.sin(Math.PI / 8), Math.sin(Math.PI / 8)]);
  });

  it.each<[string, SeriesCalendar, string[]]>([
    ['hourly', milliseconds(HOUR_MS), ['hour', 'weekday', 'day_of_month', 'month']],
    ['daily', milliseconds(DAY_MS), ['weekday', 'day_of_month', 'month']],
    ['trading-day', { ...milliseconds(DAY_MS), weekdays: [1, 2, 3, 4, 5] }, ['weekday', 'day_of_month', 'month']],
    ['weekly', milliseconds(7 * DAY_MS), ['day_of_month', 'month']],
    ['monthly', { unit: 'month', step: 1, weekdays: everyDay, irregular: false }, ['month']],
    ['yearly', { unit: 'month', step: 12, weekdays: everyDay, irregular: false }, []],
  ])('%s data keep what varies', (_name, series, cycles) => {
    const kept = calendar.columnNames({}).filter((name) => calendar.keeps!(name, series));
    expect(kept).toEqual(cycles.flatMap((cycle) => [`${cycle}_sin`, `${cycle}_cos`]));
  });
});

function milliseconds(step: number): SeriesCalendar {
  return { unit: 'milliseconds', step, weekdays: everyDay, irregular: false };
}
