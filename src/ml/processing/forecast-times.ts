import { addMonths, nextTime } from '../calendar/next-time.js';
import type { SeriesCalendar } from './processing-plan.js';

/**
 * Times of the `horizon` rows after `lastTime`, milliseconds UTC, as the data's own calendar goes on: no weekend for
 * trading-day data, the same day of the next month for monthly data. Irregular data goes on by its median step.
 * Holidays are not known and are not left out.
 */
export function forecastTimes(calendar: SeriesCalendar, lastTime: number, horizon: number): Float64Array {
  const times = new Float64Array(horizon);
  let time = lastTime;
  for (let at = 0; at < horizon; at++) {
    // Months are counted from the last row: a short month in between would shift all days after it.
    if (calendar.unit === 'month') time = addMonths(lastTime, (at + 1) * calendar.step, calendar.monthEnd === true);
    else time = nextTime(calendar, time);
    times[at] = time;
  }
  return times;
}
