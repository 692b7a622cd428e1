import { inferCalendar } from '../../ml/calendar/infer-calendar.js';
import { nextTime } from '../../ml/calendar/next-time.js';
import type { SeriesCalendar } from '../../ml/processing/processing-plan.js';

/** What the timestamps of one asset look like, by the calendar that training infers from them, too. */
export interface AxisSummary {
  /** Median and most frequent difference between rows; null with fewer than two rows. */
  readonly medianStepMs: number | null;
  /** The smallest of equally frequent ones. */
  readonly modeStepMs: number | null;
  /** The step in its natural unit: months and years do not have a constant number of milliseconds. */
  readonly step: { readonly unit: 'milliseconds' | 'month'; readonly size: number } | null;
  /** False when the rows keep to no step; `step` is then their median difference. */
  readonly regular: boolean;
  /** Weekdays, 0 = Sunday, on which no rows are expected: trading days rest at weekends. */
  readonly restDays: readonly number[];
  /** Expected rows between the first and the last one that are not there; null when rows keep to no step. */
  readonly missingRows: number | null;
}

const WEEK = [0, 1, 2, 3, 4, 5, 6];
const DAY_MS = 86_400_000;
const SHORTEST_MONTH_MS = 28 * DAY_MS;

/** `times`: milliseconds UTC, strictly ascending. */
export function summariseAxis(times: Float64Array): AxisSummary {
  if (times.length < 2) {
    return { medianStepMs: null, modeStepMs: null, step: null, regular: true, restDays: [], missingRows: 0 };
  }
  const calendar = inferCalendar(times);
  return {
    ...typicalSteps(times),
    step: { unit: calendar.unit, size: calendar.step },
    regular: !calendar.irregular,
    restDays: WEEK.filter((day) => !calendar.weekdays.includes(day)),
    missingRows: calendar.irregular ? null : countMissing(times, calendar),
  };
}

function typicalSteps(times: Float64Array): { medianStepMs: number; modeStepMs: number } {
  const sorted = new Float64Array(times.length - 1);
  for (let row = 1; row < times.length; row++) sorted[row - 1] = (times[row] ?? 0) - (times[row - 1] ?? 0);
  sorted.sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  const medianStepMs = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
  let modeStepMs = 0;
  let modeCount = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    if (end - start > modeCount) [modeStepMs, modeCount] = [sorted[start] ?? 0, end - start];
    start = end;
  }
  return { medianStepMs, modeStepMs };
}

/** A calendar that is not irregular has at most some twenty expected rows per row: the loop is bounded by that. */
function countMissing(times: Float64Array, calendar: SeriesCalendar): number {
  const stepMs = calendar.unit === 'month' ? calendar.step * SHORTEST_MONTH_MS : calendar.step;
  let missing = 0;
  for (let row = 1; row < times.length; row++) {
    const from = times[row - 1] ?? 0;
    const to = times[row] ?? 0;
    // Most rows follow at once; the others may be off by less than half a step.
    if (to - from < 1.5 * stepMs) continue;
    for (let time = nextTime(calendar, from); to - time >= stepMs / 2; time = nextTime(calendar, time)) missing++;
  }
  return missing;
}
