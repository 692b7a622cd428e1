/**
 * `numerator` / `denominator`; `whenZero` over a denominator of 0, and NaN where the quotient is too large for a number
 * (a denominator of 1e-320). Features are finite or NaN, never infinite.
 */
export function ratioOr(numerator: number, denominator: number, whenZero: number): number {
  if (denominator === 0) return Number.isNaN(numerator) ? NaN : whenZero;
  const ratio = numerator / denominator;
  return Math.abs(ratio) === Infinity ? NaN : ratio;
}
