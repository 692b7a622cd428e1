import type { RowRange } from '../processing/processing-plan.js';

/** Runs of rows as time ranges, half a row wider on either side: one missing row is seen, too. */
export function rowSpans(runs: readonly RowRange[], times: Float64Array, shown: RowRange) {
  return runs
    .filter(({ start, end }) => start < shown.end && end > shown.start)
    .map(({ start, end }) => {
      const before = times[Math.max(0, start - 1)]!;
      const after = times[Math.min(times.length - 1, end)]!;
      return { t: (before + times[start]!) / 2, end: (times[end - 1]! + after) / 2 };
    });
}
