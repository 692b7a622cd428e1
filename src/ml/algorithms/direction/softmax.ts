/**
 * Softmax of `classes` values from element `at` on, in place: e^(z − max) / Σ. Finite values give probabilities that sum
 * to 1 within rounding.
 */
export function softmaxInPlace(values: Float64Array, at: number, classes: number): void {
  let largest = -Infinity;
  for (let one = at; one < at + classes; one++) if (values[one]! > largest) largest = values[one]!;
  let total = 0;
  for (let one = at; one < at + classes; one++) {
    const raised = Math.exp(values[one]! - largest);
    values[one] = raised;
    total += raised;
  }
  for (let one = at; one < at + classes; one++) values[one]! /= total;
}
