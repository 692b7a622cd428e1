import { unwrittenColumn } from './unwritten-column.js';

/**
 * scale · (x_t − x_{t−p}) / x_{t−p}. NaN in the first p rows, where either value is NaN, and where the quotient is no
 * finite number: over an x_{t−p} of 0 or next to it.
 */
export function relativeChanges(values: Float64Array, periods: number, scale: number): Float64Array {
  const length = values.length;
  const changes = unwrittenColumn(length).fill(NaN, 0, periods);
  for (let row = periods; row < length; row++) {
    const before = values[row - periods]!;
    const change = (scale * (values[row]! - before)) / before;
    // Infinity − Infinity is NaN, and so is what has no finite quotient.
    changes[row] = change - change === 0 ? change : NaN;
  }
  return changes;
}
