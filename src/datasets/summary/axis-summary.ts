/** What the timestamps of one asset look like. Steps in milliseconds; null with fewer than two rows. */
export interface AxisSummary {
  readonly medianStepMs: number | null;
  /** The most frequent step, the smallest of equally frequent ones. */
  readonly modeStepMs: number | null;
  /** The step in its natural unit: months and years do not have a constant number of milliseconds. */
  readonly step: { readonly unit: 'milliseconds' | 'month'; readonly size: number } | null;
  /** True when every difference is a whole number of steps. */
  readonly regular: boolean;
  /** Weekdays (0 = Sunday) that never occur, in data of two weeks or more: trading days rest at weekends. */
  readonly restDays: readonly number[];
  /** Rows that the step would have between the first and the last one, and that are not there. */
  readonly missingRows: number;
}

const DAY_MS = 86_400_000;
const FORTNIGHT_MS = 14 * DAY_MS;

/** `times`: milliseconds UTC, strictly ascending. */
export function summariseAxis(times: Float64Array): AxisSummary {
  if (times.length < 2) {
    return { medianStepMs: null, modeStepMs: null, step: null, regular: true, restDays: [], missingRows: 0 };
  }
  const differences = new Float64Array(times.length - 1);
  for (let row = 1; row < times.length; row++) differences[row - 1] = (times[row] ?? 0) - (times[row - 1] ?? 0);
  const sorted = differences.slice().sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  const medianStepMs = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
  const mode = mostFrequent(sorted);
  const steps = { medianStepMs, modeStepMs: mode.value };
  if (medianStepMs >= 28 * DAY_MS) {
    const months = monthNumbers(times);
    if (months !== null) return { ...steps, ...summariseMonths(months), restDays: [] };
  }
  const stepMs = mode.count * 2 >= sorted.length ? mode.value : medianStepMs;
  const restDays = stepMs <= DAY_MS ? findRestDays(times) : [];
  return { ...steps, ...summariseSteps(times, stepMs, restDays), restDays };
}

function summariseSteps(times: Float64Array, stepMs: number, restDays: readonly number[]) {
  let missingRows = 0;
  let regular = true;
  for (let row = 1; row < times.length; row++) {
    const from = times[row - 1] ?? 0;
    const to = times[row] ?? 0;
    if (to - from === stepMs) continue;
    const worked = to - from - restMs(from, to, restDays);
    missingRows += Math.max(0, Math.round(worked / stepMs) - 1);
    if (worked % stepMs !== 0) regular = false;
  }
  return { step: { unit: 'milliseconds' as const, size: stepMs }, regular, missingRows };
}

/**
 * Month counts when all times lie on the same day and time of their months, or all on the last day; null otherwise.
 */
function monthNumbers(times: Float64Array): Float64Array | null {
  const months = new Float64Array(times.length);
  let sameDay = true;
  let lastDay = true;
  let first: Date | null = null;
  for (let row = 0; row < times.length; row++) {
    const date = new Date(times[row] ?? 0);
    first ??= date;
    const nextDay = new Date(date.getTime() + DAY_MS);
    sameDay &&= date.getUTCDate() === first.getUTCDate();
    lastDay &&= nextDay.getUTCDate() === 1;
    if (date.getTime() % DAY_MS !== first.getTime() % DAY_MS || !(sameDay || lastDay)) return null;
    months[row] = date.getUTCFullYear() * 12 + date.getUTCMonth();
  }
  return months;
}

function summariseMonths(months: Float64Array) {
  const differences = months.slice(1).map((month, at) => month - (months[at] ?? 0));
  const { value: size } = mostFrequent(differences.slice().sort());
  let missingRows = 0;
  let regular = true;
  for (const difference of differences) {
    missingRows += Math.max(0, Math.round(difference / size) - 1);
    if (difference % size !== 0) regular = false;
  }
  return { step: { unit: 'month' as const, size }, regular, missingRows };
}

function mostFrequent(sorted: Float64Array): { value: number; count: number } {
  let best = { value: sorted[0] ?? 0, count: 0 };
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    if (end - start > best.count) best = { value: sorted[start] ?? 0, count: end - start };
    start = end;
  }
  return best;
}

function findRestDays(times: Float64Array): number[] {
  if ((times[times.length - 1] ?? 0) - (times[0] ?? 0) < FORTNIGHT_MS) return [];
  const seen = new Set<number>();
  for (let row = 0; row < times.length && seen.size < 7; row++) seen.add(weekday(dayNumber(times[row] ?? 0)));
  return [0, 1, 2, 3, 4, 5, 6].filter((day) => !seen.has(day));
}

/** Milliseconds of the whole days strictly between the days of two times that are rest days. */
function restMs(from: number, to: number, restDays: readonly number[]): number {
  const days = dayNumber(to) - dayNumber(from) - 1;
  if (days < 1 || restDays.length === 0) return 0;
  const weeks = Math.floor(days / 7);
  let rest = weeks * restDays.length;
  for (let day = dayNumber(from) + 1 + weeks * 7; day < dayNumber(to); day++) {
    if (restDays.includes(weekday(day))) rest++;
  }
  return rest * DAY_MS;
}

function dayNumber(time: number): number {
  return Math.floor(time / DAY_MS);
}

/** 1970-01-01, day 0, was a Thursday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}
