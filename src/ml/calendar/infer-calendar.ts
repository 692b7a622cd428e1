import type { SeriesCalendar } from '../processing/processing-plan.js';
import { DAY_MS, lastDayOfMonth, nextTime, weekdayOf } from './next-time.js';

const EVERY_DAY: readonly number[] = [0, 1, 2, 3, 4, 5, 6];

/** Timestamps may be off by this share of a step: sensors report when they get to it. */
const JITTER = 0.25;
/** Share of the differences that must be whole steps; the rest are stray rows. Random times give a half. */
const REGULAR_SHARE = 0.95;
/** Share of the differences that must be one step: of two interleaved axes, half of them are. */
const SINGLE_SHARE = 0.6;
/** A weekday rests when it has fewer than this share of the rows of the busiest. */
const REST_SHARE = 0.1;
/** Data that fills less of its grid than this has no grid; what looks like a step is chance. */
const MINIMUM_FILL = 0.05;

/**
 * How the times of a series go on, from the times alone. `times`: milliseconds UTC, strictly ascending, at least two.
 *
 * - Months: all rows on the same day and time of a month, or all on last days; the step is the greatest common divisor
 *   of the month differences (1 monthly, 3 quarterly, 12 yearly).
 * - Milliseconds: the step is the most frequent difference (the smaller of two), refined to the median of those within
 *   a quarter of it, for timestamps that jitter. It holds when six in ten differences are one step and 95 %
 *   whole multiples of it, each to a quarter of a step; the multiples are gaps, or days of rest.
 * - Days of rest: over at least two weeks of rows no coarser than a day, a weekday with less than a tenth of the rows of
 *   the busiest one rests (a rare Saturday session keeps its row, but is not expected again). Rows that keep to some
 *   weekdays, such as Monday, Wednesday and Friday, step by a day with the others as days of rest.
 * - Otherwise irregular: the step is the median difference.
 */
export function inferCalendar(times: Float64Array): SeriesCalendar {
  if (times.length < 2) throw new Error(`a calendar cannot be inferred from ${times.length} times`);
  const monthly = inferMonths(times);
  if (monthly !== null) return monthly;
  const differences = times.subarray(1).map((time, row) => time - times[row]!);
  const restful = inferDaysOfRest(times, differences);
  if (restful !== null) return restful;
  const common = mostFrequent(differences);
  const step = median(differences.filter((difference) => Math.abs(difference - common) <= JITTER * common));
  if (isRegular(times, differences, step)) {
    return { unit: 'milliseconds', step, weekdays: restingPattern(times, step) ?? EVERY_DAY, irregular: false };
  }
  return { unit: 'milliseconds', step: median(differences), weekdays: EVERY_DAY, irregular: true };
}

function isRegular(times: Float64Array, differences: Float64Array, step: number): boolean {
  let single = 0;
  let whole = 0;
  for (const difference of differences) {
    const steps = Math.round(difference / step);
    if (steps < 1 || Math.abs(difference - steps * step) > JITTER * step) continue;
    whole++;
    if (steps === 1) single++;
  }
  const expected = (times[times.length - 1]! - times[0]!) / step + 1;
  return (
    single >= SINGLE_SHARE * differences.length &&
    whole >= REGULAR_SHARE * differences.length &&
    times.length >= MINIMUM_FILL * expected
  );
}

function inferMonths(times: Float64Array): SeriesCalendar | null {
  const first = new Date(times[0]!);
  const timeOfDay = times[0]! - Math.floor(times[0]! / DAY_MS) * DAY_MS;
  let sameDay = true;
  let monthEnd = true;
  let step = 0;
  let previousMonth = first.getUTCFullYear() * 12 + first.getUTCMonth();
  for (const time of times) {
    const date = new Date(time);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
    sameDay &&= day === first.getUTCDate();
    monthEnd &&= day === lastDayOfMonth(year, month);
    if (!(sameDay || monthEnd) || time - Math.floor(time / DAY_MS) * DAY_MS !== timeOfDay) return null;
    step = greatestDivisor(year * 12 + month - previousMonth, step);
    previousMonth = year * 12 + month;
  }
  return { unit: 'month', step, weekdays: EVERY_DAY, irregular: false, ...(monthEnd && !sameDay ? { monthEnd } : {}) };
}

/** Rows at one time of day that keep to some weekdays: step one day. Null for anything else. */
function inferDaysOfRest(times: Float64Array, differences: Float64Array): SeriesCalendar | null {
  if (differences.some((difference) => difference % DAY_MS !== 0)) return null;
  const weekdays = restingPattern(times, DAY_MS);
  if (weekdays === null || weekdays.length < 2) return null;
  const calendar: SeriesCalendar = { unit: 'milliseconds', step: DAY_MS, weekdays, irregular: false };
  let expected = 0;
  for (let row = 1; row < times.length; row++) if (nextTime(calendar, times[row - 1]!) === times[row]) expected++;
  // Rarely on the next day that works: the weekdays are chance.
  return expected >= differences.length / 2 ? calendar : null;
}

/** The weekdays that rows keep to; null when none rests, or when there is too little data or too coarse a step. */
function restingPattern(times: Float64Array, step: number): readonly number[] | null {
  if (step > DAY_MS || times[times.length - 1]! - times[0]! < 14 * DAY_MS) return null;
  const rows = new Float64Array(7);
  for (const time of times) rows[weekdayOf(time)]! += 1;
  const busiest = Math.max(...rows);
  const weekdays = EVERY_DAY.filter((day) => rows[day]! >= REST_SHARE * busiest);
  return weekdays.length < 7 ? weekdays : null;
}

function mostFrequent(values: Float64Array): number {
  const sorted = values.slice().sort();
  let best = sorted[0]!;
  let bestCount = 0;
  let count = 0;
  for (let at = 0; at < sorted.length; at++) {
    count = at > 0 && sorted[at] === sorted[at - 1] ? count + 1 : 1;
    if (count > bestCount) {
      bestCount = count;
      best = sorted[at]!;
    }
  }
  return best;
}

/** The lower one of an even number, so that it is a difference that occurs. */
function median(values: Float64Array): number {
  return values.slice().sort()[(values.length - 1) >> 1]!;
}

function greatestDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestDivisor(right, left % right);
}
