import { inferSeasonLength } from '#src/ml/calendar/season-length.js';
import type { SeriesCalendar } from '#src/ml/processing/processing-plan.js';
import { DAY_MS, HOUR_MS } from '../../../support/series.js';

const calendar = (step: number, changes: Partial<SeriesCalendar> = {}): SeriesCalendar => ({
  unit: 'milliseconds',
  step,
  weekdays: [0, 1, 2, 3, 4, 5, 6],
  irregular: false,
  ...changes,
});

describe('inferSeasonLength', () => {
  it.each<[string, SeriesCalendar, number]>([
    ['5-minute', calendar(300_000), 288],
    ['hourly', calendar(HOUR_MS), 24],
    ['7-hourly', calendar(7 * HOUR_MS), 3],
    ['daily', calendar(DAY_MS), 7],
    ['trading-day', calendar(DAY_MS, { weekdays: [1, 2, 3, 4, 5] }), 5],
    ['every third day', calendar(3 * DAY_MS), 2],
    ['weekly', calendar(7 * DAY_MS), 52],
    ['four-weekly', calendar(28 * DAY_MS), 13],
    ['monthly', calendar(1, { unit: 'month' }), 12],
    ['quarterly', calendar(3, { unit: 'month' }), 4],
    ['yearly', calendar(12, { unit: 'month' }), 1],
    ['five-yearly', calendar(60, { unit: 'month' }), 1],
    ['irregular', calendar(HOUR_MS, { irregular: true }), 1],
  ])('%s', (_name, given, rows) => {
    expect(inferSeasonLength(given, 100_000)).toBe(rows);
  });

  it('is 1 when the season does not fit twice into the train part', () => {
    expect(inferSeasonLength(calendar(HOUR_MS), 48)).toBe(24);
    expect(inferSeasonLength(calendar(HOUR_MS), 47)).toBe(1);
  });
});
