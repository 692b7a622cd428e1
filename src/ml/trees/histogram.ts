import type { BinnedTable } from './bin-columns.js';
import type { PackedGradients } from './packed-gradients.js';

/** Elements between two columns of a histogram. */
export const COLUMN_STRIDE = 256;

/** Sums over the rows of one leaf by column and bin: bin b of column c is element 256c + b. */
export interface Histogram {
  /** Of packed gradients: sum and count in one. */
  readonly packed: Float64Array;
  readonly curvatures: Float64Array | null;
}

export function newHistogram({ groups }: BinnedTable, withCurvatures: boolean): Histogram {
  const size = 4 * groups * COLUMN_STRIDE;
  return { packed: new Float64Array(size), curvatures: withCurvatures ? new Float64Array(size) : null };
}

/** The groups of four that these columns are in, ascending. */
export function groupsOf(columns: Int32Array): Int32Array {
  return Int32Array.from(new Set(Array.from(columns, (column) => column >> 2)));
}

/** Fills a histogram from rows [start, end) of the sample, for the groups of columns given. */
export function fillHistogram(
  into: Histogram,
  table: BinnedTable,
  groups: Int32Array,
  sample: Int32Array,
  start: number,
  end: number,
  { packed, curvatures }: PackedGradients,
): void {
  const add = groups.length === table.groups ? addAllGroups : addGroups;
  into.packed.fill(0);
  add(into.packed, table, groups, sample, start, end, packed);
  if (curvatures === null || into.curvatures === null) return;
  into.curvatures.fill(0);
  add(into.curvatures, table, groups, sample, start, end, curvatures);
}

/** The loop that training spends its time in. */
function addAllGroups(
  sums: Float64Array,
  { words, groups }: BinnedTable,
  _chosen: Int32Array,
  sample: Int32Array,
  start: number,
  end: number,
  values: Float64Array,
): void {
  for (let at = start; at < end; at++) {
    const row = sample[at]!;
    const value = values[row]!;
    const base = row * groups;
    for (let group = 0; group < groups; group++) {
      const word = words[base + group]!;
      const first = group << 10;
      sums[first + (word & 255)]! += value;
      sums[first + 256 + ((word >>> 8) & 255)]! += value;
      sums[first + 512 + ((word >>> 16) & 255)]! += value;
      sums[first + 768 + (word >>> 24)]! += value;
    }
  }
}

function addGroups(
  sums: Float64Array,
  { words, groups }: BinnedTable,
  chosen: Int32Array,
  sample: Int32Array,
  start: number,
  end: number,
  values: Float64Array,
): void {
  for (let at = start; at < end; at++) {
    const row = sample[at]!;
    const value = values[row]!;
    const base = row * groups;
    for (let n = 0; n < chosen.length; n++) {
      const group = chosen[n]!;
      const word = words[base + group]!;
      const first = group << 10;
      sums[first + (word & 255)]! += value;
      sums[first + 256 + ((word >>> 8) & 255)]! += value;
      sums[first + 512 + ((word >>> 16) & 255)]! += value;
      sums[first + 768 + (word >>> 24)]! += value;
    }
  }
}

/** `from` less `part`, in place: the histogram of the other child, exactly. */
export function subtractHistogram(from: Histogram, part: Histogram): void {
  const [a, b] = [from.packed, part.packed];
  for (let bin = 0; bin < a.length; bin++) a[bin]! -= b[bin]!;
  const [c, d] = [from.curvatures, part.curvatures];
  if (c === null || d === null) return;
  for (let bin = 0; bin < c.length; bin++) c[bin]! -= d[bin]!;
}
