/** A point of a drawn line: time in milliseconds UTC, value, and the number of the unbroken stretch it belongs to. */
export interface LinePoint {
  readonly t: number;
  readonly v: number;
  readonly s: number;
}

/** Points of one line in the order of their rows. All three have the same length; no NaN. */
export interface LineSource {
  readonly rows: Int32Array;
  /** Milliseconds UTC. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

export interface LineOptions {
  /** Pixel columns that the line is drawn over; at most two points are kept for each. */
  readonly columns: number;
  /** Time range that the pixel columns divide. */
  readonly from: number;
  readonly to: number;
  /** A run of more missing rows than this breaks the line. */
  readonly bridgedRows: number;
}

/** Digits that a picture can show, and more: keeps the JSON small. */
const SIGNIFICANT_DIGITS = 7;

/**
 * What is drawn of a line: at most `2 · columns` points, and every extreme. A longer line keeps the lowest and the
 * highest point of each pixel column, in the order of time, which draws the same pixels as all points would. Source:
 * Jugel et al., "M4: A visualization-oriented time series data aggregation", VLDB 7 (2014); the first and the last
 * point of a column, which M4 keeps too, change the slope within a pixel only.
 *
 * The line breaks at missing rows; once thinned out, only at holes that are at least one pixel column wide.
 */
export function linePoints({ rows, times, values }: LineSource, options: LineOptions): LinePoint[] {
  const { columns, from, to, bridgedRows } = options;
  const columnMs = (to - from) / columns;
  const isThinned = rows.length > 2 * columns;
  const narrowestHoleMs = isThinned ? columnMs : 0;
  const kept = isThinned ? extremes(times, values, columns, from, columnMs) : null;
  const points: LinePoint[] = [];
  let stretch = 0;
  let next = 0;
  for (let at = 0; at < rows.length; at++) {
    if (at > 0 && rows[at]! - rows[at - 1]! - 1 > bridgedRows && times[at]! - times[at - 1]! >= narrowestHoleMs) {
      stretch += 1;
    }
    if (kept !== null) {
      if (kept[next] !== at) continue;
      next += 1;
    }
    points.push({ t: times[at]!, v: Number(values[at]!.toPrecision(SIGNIFICANT_DIGITS)), s: stretch });
  }
  return points;
}

/** Positions of the lowest and the highest point of each pixel column, ascending. */
function extremes(
  times: Float64Array,
  values: Float64Array,
  columns: number,
  from: number,
  columnMs: number,
): number[] {
  const kept: number[] = [];
  let column = -1;
  let lowest = 0;
  let highest = 0;
  const keep = (): void => {
    if (column < 0) return;
    kept.push(Math.min(lowest, highest));
    if (lowest !== highest) kept.push(Math.max(lowest, highest));
  };
  for (let at = 0; at < times.length; at++) {
    const current = Math.min(columns - 1, Math.max(0, Math.floor((times[at]! - from) / columnMs)));
    if (current !== column) {
      keep();
      column = current;
      lowest = at;
      highest = at;
    }
    if (values[at]! < values[lowest]!) lowest = at;
    if (values[at]! > values[highest]!) highest = at;
  }
  keep();
  return kept;
}

/** Points that are a stretch alone: a line does not show them, they are drawn as dots. */
export function lonePoints(points: readonly LinePoint[]): LinePoint[] {
  return points.filter((point, at) => points[at - 1]?.s !== point.s && points[at + 1]?.s !== point.s);
}

/**
 * The usual distance of a series' observed rows, in rows: their median. 1 for a series with a value in each row, 5 for
 * a weekly one on an axis of trading days.
 */
export function usualSpacing(rows: Int32Array): number {
  if (rows.length < 2) return 1;
  const distances = Int32Array.from({ length: rows.length - 1 }, (_, at) => rows[at + 1]! - rows[at]!).sort();
  return distances[distances.length >> 1]!;
}
