import { scaleValues, stateNumber, unscaleValues } from './fitted-map.js';
import type { ElementWiseTransform, TransformState } from './transform.js';

/**
 * z = (x − minimum) / (maximum − minimum) over the numbers of the train part, NaN left out: the train part maps to 0…1,
 * later values may lie outside and are not clipped, so that the inverse stays exact.
 *
 * Edge cases: a column that is constant in the train part, or has no number there, maps to 0 wherever it has a value,
 * and its inverse is the constant. Magnitudes up to 1e150 are safe.
 */
export const minMax: ElementWiseTransform = {
  kind: 'element-wise',
  name: 'min-max',
  title: 'Minimum and maximum',
  description: 'Maps the range of the train part to 0…1.',
  parameters: {},
  appliesTo: 'any',
  fit(train) {
    let minimum = Infinity;
    let maximum = -Infinity;
    for (const value of train) {
      // NaN is neither less nor greater.
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
    // Adding 0 makes −0 plain: JSON does not know it, and a state must survive JSON.
    return maximum < minimum ? { minimum: 0, maximum: 0 } : { minimum: minimum + 0, maximum: maximum + 0 };
  },
  transform: (values, state) => scaleValues(values, stateNumber(state, 'minimum'), rangeOf(state)),
  inverse: (values, state) => unscaleValues(values, stateNumber(state, 'minimum'), rangeOf(state)),
};

function rangeOf(state: TransformState): number {
  return stateNumber(state, 'maximum') - stateNumber(state, 'minimum');
}
