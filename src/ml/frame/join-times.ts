/**
 * Every time that occurs in any of the axes, ascending, once. Each axis is strictly ascending. Always a new array: the
 * result's buffer may be moved to another thread, an input's must not be.
 */
export function uniteTimes(axes: readonly Float64Array[]): Float64Array {
  const [first = new Float64Array(0), ...others] = axes;
  return others.reduce((united, axis) => (sameTimes(united, axis) ? united : mergeTwo(united, axis)), first.slice());
}

/** The times that occur in all of the axes, ascending; a new array, too. */
export function intersectTimes(axes: readonly Float64Array[]): Float64Array {
  const [first = new Float64Array(0), ...others] = axes;
  return others.reduce((common, axis) => {
    if (sameTimes(common, axis)) return common;
    let at = 0;
    return common.filter((time) => {
      while (at < axis.length && axis[at]! < time) at++;
      return axis[at] === time;
    });
  }, first.slice());
}

function mergeTwo(left: Float64Array, right: Float64Array): Float64Array {
  const merged = new Float64Array(left.length + right.length);
  let [l, r, length] = [0, 0, 0];
  while (l < left.length || r < right.length) {
    const time = Math.min(left[l] ?? Infinity, right[r] ?? Infinity);
    if (left[l] === time) l++;
    if (right[r] === time) r++;
    merged[length++] = time;
  }
  return merged.slice(0, length);
}

function sameTimes(left: Float64Array, right: Float64Array): boolean {
  return left.length === right.length && left.every((time, row) => time === right[row]);
}
