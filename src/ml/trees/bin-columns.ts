/** The bin of missing values; numbers have bins from 1. */
export const MISSING_BIN = 0;

/** Most bins of one column, the one of missing values included: a bin is one byte. */
export const MOST_BINS = 256;

/**
 * Borders between the bins of one column, strictly ascending, `bins` − 1 of them at most. A number x has bin
 * 1 + (borders below x). Up to `bins` different numbers have a bin each; of more, those that fill a bin by themselves do,
 * and the others share the rest evenly. A border lies midway between the numbers that it parts. A column without
 * numbers, or with one, has no border.
 */
export function binBorders(values: Float64Array, bins = MOST_BINS - 1): Float64Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  let numbers = 0;
  const all = new Float64Array(sorted.length);
  const counts = new Float64Array(sorted.length);
  for (let at = 0; at < sorted.length; at++) {
    // −0 and 0 are equal here, and their order does not matter.
    if (at === 0 || sorted[at] !== sorted[at - 1]) all[numbers++] = sorted[at]!;
    counts[numbers - 1]!++;
  }
  const distinct = all.subarray(0, numbers);
  const last = numbers - 1;
  if (distinct.length <= bins) {
    return Float64Array.from({ length: Math.max(0, last) }, (_, at) => midway(distinct[at]!, distinct[at + 1]!));
  }
  const isHeavy = (at: number): boolean => counts[at]! * bins >= sorted.length;
  let [rowsLeft, binsLeft] = [sorted.length, bins];
  for (let at = 0; at <= last; at++) {
    if (!isHeavy(at)) continue;
    rowsLeft -= counts[at]!;
    binsLeft--;
  }
  const borders: number[] = [];
  let filled = 0;
  for (let at = 0; at < last && borders.length < bins - 1; at++) {
    const isAlone = isHeavy(at);
    filled += isAlone ? 0 : counts[at]!;
    const isFull = filled * Math.max(1, binsLeft) >= rowsLeft;
    if (!isAlone && !isFull && !isHeavy(at + 1)) continue;
    borders.push(midway(distinct[at]!, distinct[at + 1]!));
    if (!isAlone) {
      rowsLeft -= filled;
      binsLeft--;
      filled = 0;
    }
  }
  return Float64Array.from(borders);
}

/** Between two numbers, or the lower one where no number lies between them. */
function midway(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle > low && middle < high ? middle : low;
}

/** The bin of one value: `MISSING_BIN` for NaN. */
export function binOf(value: number, borders: Float64Array): number {
  if (Number.isNaN(value)) return MISSING_BIN;
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (borders[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}

/** The rows that trees are grown on, as bins. */
export interface BinnedTable {
  readonly rows: number;
  readonly columns: number;
  /** Words of a row: ⌈columns / 4⌉. */
  readonly groups: number;
  /**
   * [rows, groups], row-major: the bins of columns 4g … 4g + 3 are the bytes of word g, the first the lowest. What a row
   * adds to the histograms lies together, and four bins cost one read.
   */
  readonly words: Int32Array;
  /** By column, see `binBorders`. */
  readonly borders: readonly Float64Array[];
}

export function newTable(rows: number, borders: readonly Float64Array[]): BinnedTable {
  const groups = Math.ceil(borders.length / 4);
  return { rows, columns: borders.length, groups, words: new Int32Array(rows * groups), borders };
}

export function binAt({ words, groups }: BinnedTable, row: number, column: number): number {
  return (words[row * groups + (column >> 2)]! >>> ((column & 3) << 3)) & 255;
}

export function setBin({ words, groups }: BinnedTable, row: number, column: number, bin: number): void {
  const at = row * groups + (column >> 2);
  const shift = (column & 3) << 3;
  words[at] = (words[at]! & ~(255 << shift)) | (bin << shift);
}

/** Columns of equal length as a table. */
export function binColumns(columns: readonly Float64Array[], borders: readonly Float64Array[]): BinnedTable {
  const table = newTable(columns[0]?.length ?? 0, borders);
  columns.forEach((values, column) => {
    const ofColumn = borders[column]!;
    for (let row = 0; row < table.rows; row++) setBin(table, row, column, binOf(values[row]!, ofColumn));
  });
  return table;
}
