/**
 * The values of a series on another time axis. Row i holds what stands at axis[i], missing or not; where nothing stands
 * there, the last number in (axis[i − 1], axis[i]), NaN when there is none. Row 0 looks at axis[0] only.
 *
 * Where the series' times are all on the axis this only inserts NaN. Where they lie between its rows (daily values on a
 * monthly axis) each row knows the newest one before it, never a later one, and nothing is averaged.
 */
export function placeOnAxis(times: Float64Array, values: Float64Array, axis: Float64Array): Float64Array {
  const placed = new Float64Array(axis.length).fill(NaN);
  let at = 0;
  while (at < times.length && times[at]! < axis[0]!) at++;
  for (let row = 0; row < axis.length; row++) {
    for (; at < times.length && times[at]! <= axis[row]!; at++) {
      if (times[at] === axis[row] || !Number.isNaN(values[at]!)) placed[row] = values[at]!;
    }
  }
  return placed;
}
