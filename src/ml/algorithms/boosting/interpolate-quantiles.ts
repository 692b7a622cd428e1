/**
 * Quantiles at `wanted` levels from those at trained ones: sorted, so that they do not cross (Chernozhukov, Fernández-Val
 * & Galichon, Econometrica 78, 2010), then linear in the log odds of the level, straight on beyond the outermost, never
 * falling. `values` [rows, levels], result [rows, wanted], row-major; one trained level is the answer for all.
 */
export function interpolateQuantiles(
  values: Float64Array,
  levels: readonly number[],
  wanted: readonly number[],
): Float64Array {
  const odds = (level: number): number => Math.log(level / (1 - level));
  const known = levels.map(odds);
  const places = wanted.map((level) => {
    const at = odds(level);
    let right = known.findIndex((one) => one >= at);
    if (right < 0) right = known.length - 1;
    right = Math.max(right, Math.min(1, known.length - 1));
    const left = Math.max(0, right - 1);
    const share = right === left ? 0 : (at - known[left]!) / (known[right]! - known[left]!);
    return { left, right, share };
  });
  const rows = values.length / levels.length;
  const made = new Float64Array(rows * wanted.length);
  for (let row = 0; row < rows; row++) {
    const sorted = values.slice(row * levels.length, (row + 1) * levels.length).sort();
    places.forEach(({ left, right, share }, at) => {
      const value =
        share === 1
          ? sorted[right]!
          : share === 0
            ? sorted[left]!
            : sorted[left]! + share * (sorted[right]! - sorted[left]!);
      const before = at === 0 ? -Infinity : made[row * wanted.length + at - 1]!;
      made[row * wanted.length + at] = Math.max(before, value);
    });
  }
  return made;
}
