import { stateNumber } from './fitted-map.js';
import { quantile, sortedNumbers } from './order-statistics.js';
import type { ElementWiseTransform } from './transform.js';

/** Values this much smaller than the largest one count as zero to a logarithm, else one of them decides everything. */
const RELATIVE_FLOOR = 1e-12;
/** Below this, quotients overflow. */
const ABSOLUTE_FLOOR = 1e-150;

/**
 * z = ln(x + shift), so that growth by a factor is a step of one size. Fitted on the numbers of the train part:
 *
 *   shift = 0 where all of them are positive; else median(x − min over x > min) − min, a "started" logarithm whose start
 *   is as large as the values usually are (for a column that is constant and not positive |min|, or 1, takes its place);
 *   floor = the smallest x + shift of the train part.
 *
 * Below the floor the logarithm goes on as its tangent, ln(floor) + (x + shift − floor) / floor: smooth, and defined for
 * every number, so that no later value is lost and no forecast is out of range. Inverse: exp(z) − shift, or the tangent's.
 * Source of the started logarithm: Tukey, Exploratory Data Analysis, 1977, chapter 3.
 */
export const log: ElementWiseTransform = {
  kind: 'element-wise',
  name: 'log',
  title: 'Logarithm',
  description:
    'Natural logarithm, for series whose spread grows with their level. Where the train part has zeros or negative ' +
    'values they are first shifted above zero.',
  parameters: {},
  appliesTo: 'series',
  fit(train) {
    const sorted = sortedNumbers(train);
    const minimum = sorted[0] ?? 1;
    const maximum = sorted[sorted.length - 1] ?? 1;
    const shift = minimum > 0 ? 0 : startOf(sorted, minimum) - minimum + 0;
    const floor = Math.max(minimum + shift, RELATIVE_FLOOR * (maximum + shift), ABSOLUTE_FLOOR);
    return { shift, floor };
  },
  transform(values, state) {
    const { shift, floor, logFloor } = constants(state);
    return values.map((value) => {
      const shifted = value + shift;
      return shifted >= floor ? Math.log(shifted) : logFloor + (shifted - floor) / floor;
    });
  },
  inverse(values, state) {
    const { shift, floor, logFloor } = constants(state);
    return values.map((value) => (value >= logFloor ? Math.exp(value) : floor * (1 + value - logFloor)) - shift);
  },
};

function constants(state: Parameters<ElementWiseTransform['transform']>[1]) {
  const floor = stateNumber(state, 'floor');
  return { shift: stateNumber(state, 'shift'), floor, logFloor: Math.log(floor) };
}

function startOf(sorted: Float64Array, minimum: number): number {
  const distances = sorted.filter((value) => value > minimum).map((value) => value - minimum);
  if (distances.length > 0) return quantile(distances, 0.5);
  return minimum === 0 ? 1 : -minimum;
}
