import type { DuplicatePolicy } from './reading.js';

const FIRST_CAPACITY = 64;

/** Rows of one time axis as they arrive: columns of doubles that grow by doubling, so a row costs its numbers alone. */
export class SeriesRows {
  rows = 0;
  times = new Float64Array(FIRST_CAPACITY);
  readonly columns: Float64Array[];
  /** Line of each row, kept where rows may be sorted and a duplicate must still be found in the file. */
  private lines: Uint32Array | null;
  private ascending = true;
  /** Sums and counts per column of the rows that were merged into the last one; null when it is one row. */
  private merged: Merged | null = null;

  constructor(width: number, keepLines: boolean) {
    this.columns = Array.from({ length: width }, () => new Float64Array(FIRST_CAPACITY));
    this.lines = keepLines ? new Uint32Array(FIRST_CAPACITY) : null;
  }

  /** Time of the last row; -Infinity before the first. */
  get lastTime(): number {
    return this.rows === 0 ? -Infinity : (this.times[this.rows - 1] ?? NaN);
  }

  append(time: number, line: number, values: Float64Array): void {
    if (this.rows === this.times.length) this.grow();
    if (time <= this.lastTime) this.ascending = false;
    this.times[this.rows] = time;
    if (this.lines !== null) this.lines[this.rows] = line;
    for (let at = 0; at < this.columns.length; at++) {
      const column = this.columns[at];
      if (column !== undefined) column[this.rows] = values[at] ?? NaN;
    }
    this.rows++;
    this.merged = null;
  }

  /** Merges values of the last row's time into that row. */
  merge(policy: DuplicatePolicy, values: Float64Array): void {
    if (policy === 'first') return;
    const row = this.rows - 1;
    if (policy === 'mean') {
      this.merged ??= startMean(this.columns, row);
      for (let at = 0; at < this.columns.length; at++) addToMean(this.merged, at, values[at] ?? NaN);
    }
    for (const [at, column] of this.columns.entries()) {
      column[row] = policy === 'last' || this.merged === null ? (values[at] ?? NaN) : meanOf(this.merged, at);
    }
  }

  /**
   * Cuts the spare capacity off and, where lines are kept, sorts by time; rows of equal time keep their order and are
   * merged, or, with `refuse`, reported. Returns how many were merged.
   */
  finish(policy: DuplicatePolicy, onDuplicate: (line: number, earlierLine: number, time: number) => void): number {
    const order = this.ascending || this.lines === null ? null : this.sortedOrder();
    this.times = this.arrange(this.times, order);
    for (const [at, column] of this.columns.entries()) this.columns[at] = this.arrange(column, order);
    if (order === null || this.lines === null) return 0;
    if (policy !== 'refuse') return this.mergeEqualTimes(policy);
    const lines = this.lines;
    for (let row = 1; row < this.rows; row++) {
      const time = this.times[row] ?? NaN;
      if (time === this.times[row - 1]) onDuplicate(lines[order[row] ?? 0] ?? 0, lines[order[row - 1] ?? 0] ?? 0, time);
    }
    return 0;
  }

  /** Rows are sorted: each is appended anew, or merged into the one before. */
  private mergeEqualTimes(policy: DuplicatePolicy): number {
    const rows = this.rows;
    const values = new Float64Array(this.columns.length);
    this.rows = 0;
    for (let row = 0; row < rows; row++) {
      const time = this.times[row] ?? NaN;
      for (let at = 0; at < values.length; at++) values[at] = this.columns[at]?.[row] ?? NaN;
      if (time === this.lastTime) this.merge(policy, values);
      else this.append(time, 0, values);
    }
    this.times = this.times.slice(0, this.rows);
    for (const [at, column] of this.columns.entries()) this.columns[at] = column.slice(0, this.rows);
    return rows - this.rows;
  }

  private sortedOrder(): Uint32Array {
    const times = this.times;
    return Uint32Array.from({ length: this.rows }, (_, row) => row).sort(
      (a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b,
    );
  }

  private arrange(column: Float64Array, order: Uint32Array | null): Float64Array<ArrayBuffer> {
    if (order === null) return column.slice(0, this.rows);
    const sorted = new Float64Array(this.rows);
    for (let row = 0; row < this.rows; row++) sorted[row] = column[order[row] ?? 0] ?? NaN;
    return sorted;
  }

  private grow(): void {
    const capacity = this.times.length * 2;
    this.times = widen(this.times, capacity);
    for (const [at, column] of this.columns.entries()) this.columns[at] = widen(column, capacity);
    if (this.lines !== null) {
      const lines = new Uint32Array(capacity);
      lines.set(this.lines);
      this.lines = lines;
    }
  }
}

function widen(column: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(capacity);
  wider.set(column);
  return wider;
}

type Merged = { readonly sums: Float64Array; readonly counts: Uint32Array };

function startMean(columns: readonly Float64Array[], row: number): Merged {
  const merged = { sums: new Float64Array(columns.length), counts: new Uint32Array(columns.length) };
  for (const [at, column] of columns.entries()) addToMean(merged, at, column[row] ?? NaN);
  return merged;
}

function addToMean({ sums, counts }: Merged, at: number, value: number): void {
  if (Number.isNaN(value)) return;
  sums[at] = (sums[at] ?? 0) + value;
  counts[at] = (counts[at] ?? 0) + 1;
}

function meanOf({ sums, counts }: Merged, at: number): number {
  return counts[at] === 0 ? NaN : (sums[at] ?? NaN) / (counts[at] ?? NaN);
}
