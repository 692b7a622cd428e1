import { inferCalendar } from '../calendar/infer-calendar.js';
import { inferStep } from '../calendar/infer-step.js';
import { DAY_MS, nextTime } from '../calendar/next-time.js';
import { HOLIDAY_DAYS } from '../frame/complete-axis.js';
import type { SeriesCalendar } from '../processing/processing-plan.js';

export interface GapThresholds {
  /** A distance of more steps than this between two rows is a gap. More than 1; 1.5 lets timestamps jitter. */
  readonly stepFactor: number;
  /** A gap of more than this share of the series' rows is large. 0…1. */
  readonly largeShare: number;
}

export const DEFAULT_GAP_THRESHOLDS: GapThresholds = { stepFactor: 1.5, largeShare: 0.1 };

/** Rows that a series should have and does not. */
export interface Gap {
  /** Times of the first and the last missing row, as the step goes on from the row before. Milliseconds UTC. */
  readonly start: number;
  readonly end: number;
  /** Missing rows. */
  readonly rows: number;
  /** `rows` as a share of all rows that the series should have, from its first to its last observed one. */
  readonly share: number;
  readonly size: 'small' | 'large';
}

export interface GapTable {
  /** Null with fewer than two observed rows: there is no step, and no gap. */
  readonly step: { readonly unit: 'milliseconds' | 'month'; readonly size: number } | null;
  /** False when times keep to no step; it is then the one that they are put on a grid with, see `inferStep`. */
  readonly regular: boolean;
  readonly observedRows: number;
  readonly missingRows: number;
  /** In the order of time. */
  readonly gaps: readonly Gap[];
}

/**
 * The gaps of one series: `times` in milliseconds UTC, strictly ascending, and a column of its values. Rows whose value
 * is missing count as missing rows; those before the first and after the last observed value are no gap.
 *
 * A gap is a distance of more than `stepFactor` steps between two observed rows. Between them are missing the rows that
 * the calendar expects up to half a step before the second one: no weekends of trading days, and no holidays (up to
 * seven such days, see `completeAxis`). Irregular times have the rows that fit in at their inferred step.
 */
export function gapTable(times: Float64Array, values: Float64Array, thresholds: GapThresholds): GapTable {
  const observed = times.filter((_, row) => !Number.isNaN(values[row]!));
  if (observed.length < 2) {
    return { step: null, regular: true, observedRows: observed.length, missingRows: 0, gaps: [] };
  }
  // From all rows: a value that is missing in a row says nothing about when rows come.
  const inferred = inferCalendar(times);
  const calendar = inferred.irregular ? { ...inferred, step: inferStep(times) } : inferred;
  const gaps: Omit<Gap, 'share' | 'size'>[] = [];
  for (let row = 1; row < observed.length; row++) {
    const gap = gapBetween(observed[row - 1]!, observed[row]!, calendar, thresholds.stepFactor);
    if (gap !== null) gaps.push(gap);
  }
  const missingRows = gaps.reduce((sum, { rows }) => sum + rows, 0);
  const all = observed.length + missingRows;
  return {
    step: { unit: calendar.unit, size: calendar.step },
    regular: !inferred.irregular,
    observedRows: observed.length,
    missingRows,
    gaps: gaps.map((gap) => {
      const share = gap.rows / all;
      return { ...gap, share, size: share > thresholds.largeShare ? 'large' : 'small' };
    }),
  };
}

function gapBetween(
  from: number,
  to: number,
  calendar: SeriesCalendar,
  stepFactor: number,
): Omit<Gap, 'share' | 'size'> | null {
  const { unit, step, weekdays } = calendar;
  const next = nextTime(calendar, from);
  // Days of rest are part of a step across them.
  if (to - from <= stepFactor * (next - from)) return null;
  if (unit === 'milliseconds' && weekdays.length === 7) {
    const rows = Math.max(1, Math.round((to - from) / step) - 1);
    return { start: next, end: from + rows * step, rows };
  }
  const halfStepMs = (unit === 'month' ? step * 28 * DAY_MS : step) / 2;
  let [rows, end] = [0, next];
  for (let time = next; to - time >= halfStepMs; time = nextTime(calendar, time)) {
    rows++;
    end = time;
  }
  const holidays = unit === 'milliseconds' && step === DAY_MS && rows <= HOLIDAY_DAYS;
  return rows === 0 || holidays ? null : { start: next, end, rows };
}
