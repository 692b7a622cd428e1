/**
 * log(x_t / x_{t−w}), in the first w rows NaN, and likewise where either value is NaN or not above 0: a logarithm has no
 * meaning there. As the difference of two logarithms it cannot overflow.
 */
export function logReturns(values: Float64Array, periods: number): Float64Array {
  const returns = new Float64Array(values.length).fill(NaN, 0, periods);
  for (let row = periods; row < returns.length; row++) {
    const [now, before] = [values[row]!, values[row - periods]!];
    returns[row] = now > 0 && before > 0 ? Math.log(now) - Math.log(before) : NaN;
  }
  return returns;
}
