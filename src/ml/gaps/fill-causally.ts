/**
 * Fills the first `limitRows` rows of every gap from what was observed before it, and leaves the rest NaN.
 *
 * Why not the usual two-sided fill of small gaps: a value that is interpolated between both ends tells the model, in
 * rows before the gap's end, what came after; and that a gap is small is itself known only at its end. So every gap is
 * treated alike while it lasts: imputed as long as it could still be small, masked from then on. The same row is filled
 * the same way whether the gap later proves small or large, which is what lets the online path reproduce it.
 *
 * `forward-fill` repeats the last observed value; `trailing-median` takes the median of the last `neighbours` observed
 * values (imputed ones do not count), the mean of the middle two if they are even in number. Leading NaN stay: nothing
 * was observed before them. A new array.
 */
export function fillCausally(
  values: Float64Array,
  plan: { readonly imputation: 'forward-fill' | 'trailing-median'; readonly neighbours: number },
  limitRows: number,
): Float64Array {
  const filled = values.slice();
  let lastObserved = -1;
  let replacement = NaN;
  for (let row = 0; row < values.length; row++) {
    if (!Number.isNaN(values[row]!)) {
      lastObserved = row;
      continue;
    }
    if (lastObserved < 0 || row - lastObserved > limitRows) continue;
    if (row === lastObserved + 1) {
      replacement =
        plan.imputation === 'forward-fill'
          ? values[lastObserved]!
          : trailingMedian(values, lastObserved, plan.neighbours);
    }
    filled[row] = replacement;
  }
  return filled;
}

function trailingMedian(values: Float64Array, last: number, neighbours: number): number {
  const observed: number[] = [];
  for (let row = last; row >= 0 && observed.length < neighbours; row--) {
    if (!Number.isNaN(values[row]!)) observed.push(values[row]!);
  }
  observed.sort((left, right) => left - right);
  const upper = observed.length >> 1;
  return observed.length % 2 === 1 ? observed[upper]! : (observed[upper - 1]! + observed[upper]!) / 2;
}
