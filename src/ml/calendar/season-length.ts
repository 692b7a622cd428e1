import type { SeriesCalendar } from '../processing/processing-plan.js';
import { DAY_MS } from './next-time.js';

/** The mean Gregorian year. */
const YEAR_MS = 365.2425 * DAY_MS;

/**
 * Rows of the season that rows of this calendar most likely have: those of a day below daily steps (hourly 24, 5-minute
 * 288), of a week for daily ones (7, trading days 5), of a year above (weekly 52, monthly 12, quarterly 4), rounded.
 * 1, which makes the seasonal-naive forecast the naive one, for irregular data (a number of rows is no length of time
 * there), for yearly steps, and when the season does not fit twice into `trainRows`.
 */
export function inferSeasonLength(calendar: SeriesCalendar, trainRows: number): number {
  if (calendar.irregular) return 1;
  const rows = seasonRows(calendar);
  return rows >= 2 && 2 * rows <= trainRows ? rows : 1;
}

function seasonRows({ unit, step, weekdays }: SeriesCalendar): number {
  if (unit === 'month') return Math.round(12 / step);
  if (step < DAY_MS) return Math.round(DAY_MS / step);
  if (step === DAY_MS) return weekdays.length;
  return Math.round((step < 7 * DAY_MS ? 7 * DAY_MS : YEAR_MS) / step);
}
