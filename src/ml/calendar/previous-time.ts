import type { SeriesCalendar } from '../processing/processing-plan.js';
import { DAY_MS, addMonths, weekdayOf } from './next-time.js';

/**
 * `rows` times of a series of this calendar, ascending, the last of them `lastTime`: what `forecastTimes` is forwards.
 * Days of rest are skipped. Irregular data goes back by its median step. Milliseconds UTC.
 */
export function timesUpTo(calendar: SeriesCalendar, lastTime: number, rows: number): Float64Array {
  const times = new Float64Array(rows);
  let time = lastTime;
  for (let at = rows - 1; at >= 0; at--) {
    times[at] = time;
    // Months are counted from the last row, as they are forwards.
    if (calendar.unit === 'month') {
      time = addMonths(lastTime, (at - rows) * calendar.step, calendar.monthEnd === true);
    } else {
      time = previousTime(calendar, time);
    }
  }
  return times;
}

function previousTime(calendar: SeriesCalendar, time: number): number {
  let previous = time - calendar.step;
  // A week back at the most: an empty list of weekdays cannot make this loop endless.
  for (let day = 0; day < 7 && !calendar.weekdays.includes(weekdayOf(previous)); day++) {
    const midnight = Math.floor(previous / DAY_MS) * DAY_MS;
    previous -= (Math.floor((previous - midnight) / calendar.step) + 1) * calendar.step;
  }
  return previous;
}
