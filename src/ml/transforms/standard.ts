import { scaleValues, stateNumber, unscaleValues } from './fitted-map.js';
import type { ElementWiseTransform } from './transform.js';

/**
 * z = (x − mean) / deviation, with the population deviation √(Σ(x − mean)² / n) of the numbers in the train part, NaN
 * left out. Two passes, the second corrected by its residual (Chan, Golub & LeVeque, "Algorithms for computing the
 * sample variance", 1983), so a large offset costs no digits.
 *
 * Edge cases: a column that is constant in the train part, or has no number there, gets deviation 0 and maps to 0
 * wherever it has a value: a model that never saw it vary must not be driven by it later. The inverse of such a column
 * is its mean. Magnitudes up to 1e150 are safe; squares of larger ones overflow.
 */
export const standard: ElementWiseTransform = {
  kind: 'element-wise',
  name: 'standard',
  title: 'Standard score',
  description: 'Subtracts the mean of the train part and divides by its standard deviation.',
  parameters: {},
  appliesTo: 'any',
  fit(train) {
    const anchor = train.find((value) => !Number.isNaN(value));
    if (anchor === undefined) return { mean: 0, deviation: 0 };
    let count = 0;
    let shift = 0;
    for (const value of train) {
      if (Number.isNaN(value)) continue;
      count++;
      shift += value - anchor;
    }
    // Adding 0 makes −0 plain: JSON does not know it, and a state must survive JSON.
    const mean = anchor + shift / count + 0;
    let squares = 0;
    let residual = 0;
    for (const value of train) {
      if (Number.isNaN(value)) continue;
      squares += (value - mean) ** 2;
      residual += value - mean;
    }
    const deviation = Math.sqrt(Math.max(0, (squares - (residual * residual) / count) / count));
    // A spread within the rounding of the mean is no spread to divide by.
    return { mean, deviation: deviation <= 4 * Number.EPSILON * Math.abs(mean) ? 0 : deviation };
  },
  transform: (values, state) => scaleValues(values, stateNumber(state, 'mean'), stateNumber(state, 'deviation')),
  inverse: (values, state) => unscaleValues(values, stateNumber(state, 'mean'), stateNumber(state, 'deviation')),
};
