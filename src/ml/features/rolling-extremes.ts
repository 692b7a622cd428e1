/** The highest value of rows t − window + 1 … t; NaN during warm-up and while a NaN is in the window. */
export function rollingHighest(values: Float64Array, window: number): Float64Array {
  return rollingExtremes(values, window, true);
}

/** The lowest value of rows t − window + 1 … t; NaN during warm-up and while a NaN is in the window. */
export function rollingLowest(values: Float64Array, window: number): Float64Array {
  return rollingExtremes(values, window, false);
}

/**
 * Three comparisons a row whatever the window (van Herk 1992, Gil and Werman 1993): rows are cut into blocks as long as
 * the window, which is then a tail of one block and a head of the next. `Math.max` and `Math.min` hand NaN on and order
 * −0 before 0, so the result depends on the window's values alone, to the bit, and not on where blocks begin.
 */
function rollingExtremes(values: Float64Array, window: number, highest: boolean): Float64Array {
  const length = values.length;
  const extremes = new Float64Array(length);
  // Of the previous block: rows `offset` … last; NaN before the first block.
  const tails = new Float64Array(window).fill(NaN);
  for (let blockStart = 0; blockStart < length; blockStart += window) {
    const joined = Math.min(window - 1, length - blockStart);
    let extreme = values[blockStart]!;
    for (let heads = 1; heads <= joined; heads++) {
      const row = blockStart + heads - 1;
      const value = values[row]!;
      const tail = tails[heads]!;
      extreme = highest ? Math.max(extreme, value) : Math.min(extreme, value);
      extremes[row] = highest ? Math.max(extreme, tail) : Math.min(extreme, tail);
    }
    const last = blockStart + window - 1;
    if (last >= length) break;
    let tail = values[last]!;
    extremes[last] = highest ? Math.max(extreme, tail) : Math.min(extreme, tail);
    for (let offset = window - 1; offset > 0; offset--) {
      const value = values[blockStart + offset]!;
      tail = highest ? Math.max(tail, value) : Math.min(tail, value);
      tails[offset] = tail;
    }
  }
  return extremes;
}
