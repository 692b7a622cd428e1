import { scaleValues, stateNumber, unscaleValues } from './fitted-map.js';
import type { ElementWiseTransform, TransformState } from './transform.js';

/**
 * z = 0.5 + x / (2·max|x|) with the largest absolute value of the train part, NaN left out: the train part lies within
 * 0…1 and zero at 0.5, so that the sign stays visible. Later values may lie outside and are not clipped.
 *
 * Edge cases: a column without a number in the train part, or of zeros alone, maps to 0.5 wherever it has a value, and
 * its inverse is 0. Source: the reduction of the sensor-data simulator that this service succeeds.
 */
export const reduction: ElementWiseTransform = {
  kind: 'element-wise',
  name: 'reduction',
  title: 'Reduction around one half',
  description: 'Maps 0 to 0.5 and the largest absolute value of the train part to 0 or 1, by its sign.',
  parameters: {},
  appliesTo: 'any',
  fit(train) {
    let largest = 0;
    // NaN is not greater.
    for (const value of train) if (Math.abs(value) > largest) largest = Math.abs(value);
    // Division by what is next to nothing overflows.
    return { largest: largest < 1e-150 ? 0 : largest };
  },
  transform: (values, state) => scaleValues(values, 0, rangeOf(state)).map((value) => value + 0.5),
  inverse: (values, state) =>
    unscaleValues(
      values.map((value) => value - 0.5),
      0,
      rangeOf(state),
    ),
};

function rangeOf(state: TransformState): number {
  return 2 * stateNumber(state, 'largest');
}
