import { unwrittenColumn } from './unwritten-column.js';

/**
 * log(x_t / x_{t−p}), in the first p rows NaN, and likewise where either value is NaN or not above 0: a logarithm has no
 * meaning there. As the difference of two logarithms it cannot overflow, and each logarithm is taken once.
 */
export function logReturns(values: Float64Array, periods: number): Float64Array {
  const length = values.length;
  const returns = unwrittenColumn(length);
  for (let row = 0; row < length; row++) {
    const value = values[row]!;
    returns[row] = value > 0 ? Math.log(value) : NaN;
  }
  // From the end, so that every row still finds the logarithm that it is compared with.
  for (let row = length - 1; row >= periods; row--) returns[row] = returns[row]! - returns[row - periods]!;
  return returns.fill(NaN, 0, periods);
}
