/** The bin of missing values; numbers have bins from 1. */
export const MISSING_BIN = 0;
const MAXIMUM_CUTS = 62;

/**
 * Borders between the bins of one column: up to 62 quantiles of its numbers, each a value of the column, strictly
 * ascending. A number x has bin 1 + (borders below x); a column without numbers, or with one, has no border.
 */
export function binBorders(values: Float64Array): Float64Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const borders: number[] = [];
  for (let cut = 1; cut <= MAXIMUM_CUTS; cut++) {
    const border = sorted[Math.floor((cut * sorted.length) / (MAXIMUM_CUTS + 1))];
    if (border === undefined || border === sorted[sorted.length - 1]) break;
    if (border !== borders[borders.length - 1]) borders.push(border);
  }
  return Float64Array.from(borders);
}

/** The bin of every value; NaN is `MISSING_BIN`. */
export function binValues(values: Float64Array, borders: Float64Array): Uint8Array {
  return Uint8Array.from(values, (value) => {
    if (Number.isNaN(value)) return MISSING_BIN;
    let [low, high] = [0, borders.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (borders[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  });
}
