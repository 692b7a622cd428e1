const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Pixels that a label of the time axis needs. */
const LABEL_WIDTH = 116;

export interface TimeTicks {
  /** How many ticks to ask for; the axis takes the nearest round step of the calendar. */
  readonly tickCount: number;
  /** A d3 time format that tells each tick from the next and always carries its date. */
  readonly format: string;
}

/**
 * Ticks of a UTC time axis. The axis takes the calendar step nearest in ratio to the span over the count, so each
 * format begins halfway (geometrically) between the steps that it tells apart: ¼ year and 1 year, 1 week and 1 month,
 * 12 hours and 1 day, 30 seconds and 1 minute.
 */
export function timeTicks(spanMs: number, width: number): TimeTicks {
  const tickCount = Math.max(2, Math.floor(width / LABEL_WIDTH));
  const stepMs = spanMs / tickCount;
  const format =
    stepMs >= 182 * DAY_MS
      ? '%Y'
      : stepMs >= 14.6 * DAY_MS
        ? '%b %Y'
        : stepMs >= 17 * HOUR_MS
          ? '%d %b %Y'
          : stepMs >= 42 * SECOND_MS
            ? '%d %b %H:%M'
            : '%d %b %H:%M:%S';
  return { tickCount, format };
}

/**
 * Vega expression of a value label that stays within five to seven characters: as it is up to 99,999, with K, M, B or T
 * above.
 */
export const VALUE_LABEL = "abs(datum.value) < 1e5 ? datum.label : replace(format(datum.value, '.4~s'), 'G', 'B')";
