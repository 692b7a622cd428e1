import { TrainyardError } from '../../common/errors/index.js';
import { DAY_MS, nextTime } from '../calendar/next-time.js';
import type { SeriesCalendar } from '../processing/processing-plan.js';

/**
 * Expected days that may be missing in a row from trading-day data without being a gap. The longest closures of
 * exchanges last seven trading days (Shanghai, Spring Festival 2020).
 */
export const HOLIDAY_DAYS = 7;

/** More rows than this do not fit into a training; they come from a mistyped date or a step that is not one. */
const MAXIMUM_ROWS = 10_000_000;

/**
 * A regular axis with a row for every time at which its calendar expects one, so that a gap is rows without values.
 * Rows that are there stay, also those that the calendar does not expect. Nothing is added to irregular data.
 *
 * Data with days of rest, one row a day: an expected day that no asset of the axis has is a holiday and gets no row, for
 * no model can forecast it and no two rows around it are further apart than around a weekend; more than seven in a row
 * are a gap. Whether rows are added between two rows depends on their two times alone, so an axis that ends earlier
 * begins with the same rows.
 */
export function completeAxis(times: Float64Array, calendar: SeriesCalendar): Float64Array {
  if (calendar.irregular) return times;
  const holidays = calendar.unit === 'milliseconds' && calendar.step === DAY_MS && calendar.weekdays.length < 7;
  const added: number[] = [];
  for (let row = 1; row < times.length; row++) {
    const missing = missingBetween(times[row - 1]!, times[row]!, calendar, MAXIMUM_ROWS - times.length - added.length);
    if (holidays && missing.length <= HOLIDAY_DAYS) continue;
    for (const time of missing) added.push(time);
  }
  if (added.length === 0) return times;
  const all = new Float64Array(times.length + added.length);
  all.set(times);
  all.set(added, times.length);
  return all.sort();
}

/** Expected times after `from` that lie at least half a step before `to`: timestamps may jitter. */
function missingBetween(from: number, to: number, calendar: SeriesCalendar, limit: number): number[] {
  const stepMs = calendar.unit === 'month' ? calendar.step * 28 * DAY_MS : calendar.step;
  const missing: number[] = [];
  // Most rows follow at once.
  if (to - from < 1.5 * stepMs) return missing;
  if (((to - from) / stepMs) * (calendar.weekdays.length / 7) > limit) throw tooManyRows(from, to);
  for (let time = nextTime(calendar, from); to - time >= stepMs / 2; time = nextTime(calendar, time))
    missing.push(time);
  return missing;
}

function tooManyRows(from: number, to: number): TrainyardError {
  return new TrainyardError(
    'LIMIT_EXCEEDED',
    `So many rows are missing between ${new Date(from).toISOString()} and ${new Date(to).toISOString()} that the axis would have more than ${MAXIMUM_ROWS}: check these two timestamps, or set data.start after the gap`,
    { from, to, limit: MAXIMUM_ROWS },
  );
}
