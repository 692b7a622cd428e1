const ISO_DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const UNITS_MS = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000] as const;

/** No shorter and no longer than this: a thousandth of a second is the resolution of times, a year more than a step. */
const MAXIMUM_MS = 366 * 86_400_000;

/**
 * A step as a template gives it, in milliseconds: seconds as a number, or an ISO 8601 duration of weeks, days, hours,
 * minutes and seconds such as `PT10M` or `P1DT12H`. Months and years have no constant length, and are not steps of a
 * grid. Null for anything else.
 */
export function stepDurationMs(value: unknown): number | null {
  const ms = typeof value === 'number' ? value * 1_000 : typeof value === 'string' ? durationMs(value) : null;
  return ms !== null && Number.isInteger(ms) && ms >= 1 && ms <= MAXIMUM_MS ? ms : null;
}

function durationMs(text: string): number | null {
  const found = ISO_DURATION.exec(text);
  if (found === null) return null;
  const ms = UNITS_MS.reduce((sum, unit, at) => sum + Number(found[at + 1] ?? 0) * unit, 0);
  return Math.round(ms);
}

/** For people: `10 min`, `1 h 30 min`, `250 ms`. */
export function stepText(stepMs: number): string {
  const parts: string[] = [];
  let rest = stepMs;
  for (const [unit, name] of [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
    [1, 'ms'],
  ] as const) {
    const whole = Math.floor(rest / unit);
    if (whole > 0) parts.push(`${whole} ${name}`);
    rest -= whole * unit;
  }
  return parts.join(' ');
}
