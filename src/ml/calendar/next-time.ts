import type { SeriesCalendar } from '../processing/processing-plan.js';

export const DAY_MS = 86_400_000;

/** The time at which a series of this calendar has its next row: one step on, days of rest skipped. */
export function nextTime(calendar: SeriesCalendar, time: number): number {
  if (calendar.unit === 'month') return addMonths(time, calendar.step, calendar.monthEnd === true);
  let next = time + calendar.step;
  // A week later at the latest: an empty list of weekdays cannot make this loop endless.
  for (let day = 0; day < 7 && !calendar.weekdays.includes(weekdayOf(next)); day++) {
    const midnight = (Math.floor(next / DAY_MS) + 1) * DAY_MS;
    next += Math.ceil((midnight - next) / calendar.step) * calendar.step;
  }
  return next;
}

/** 0 = Sunday … 6 = Saturday, in UTC; 1 January 1970 was a Thursday. */
export function weekdayOf(time: number): number {
  const day = (Math.floor(time / DAY_MS) + 4) % 7;
  return day < 0 ? day + 7 : day;
}

/** Same day and time of day some months on; a day that the month does not have becomes its last. */
export function addMonths(time: number, months: number, monthEnd: boolean): number {
  const date = new Date(time);
  const timeOfDay = time - Math.floor(time / DAY_MS) * DAY_MS;
  const monthIndex = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const year = Math.floor(monthIndex / 12);
  const lastDay = lastDayOfMonth(year, monthIndex - year * 12);
  const day = monthEnd ? lastDay : Math.min(date.getUTCDate(), lastDay);
  return Date.UTC(year, monthIndex - year * 12, day) + timeOfDay;
}

export function lastDayOfMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}
