import { scaleValues, stateNumber, unscaleValues } from './fitted-map.js';
import { quantile, sortedNumbers } from './order-statistics.js';
import { standard } from './standard.js';
import type { ElementWiseTransform } from './transform.js';

/** An interquartile range this much narrower than the whole range says that half the values are one value. */
const NO_SPREAD = 1e-9;

/**
 * z = (x − median) / IQR over the numbers of the train part, NaN left out; IQR = Q3 − Q1, quantiles by linear
 * interpolation. A few extreme values, which move a mean and a deviation far, hardly move these.
 *
 * Edge cases: where more than half the values are equal (mostly zeros, say) the IQR is 0 and the standard deviation takes
 * its place. A column that is constant in the train part, or has no number there, maps to 0 wherever it has a value.
 * Source: Rousseeuw & Croux, "Alternatives to the Median Absolute Deviation", JASA 88 (1993); RobustScaler of
 * scikit-learn.
 */
export const robust: ElementWiseTransform = {
  kind: 'element-wise',
  name: 'robust',
  title: 'Median and interquartile range',
  description: 'Subtracts the median of the train part and divides by its interquartile range: outliers hardly count.',
  parameters: {},
  appliesTo: 'any',
  fit(train, parameters, facts) {
    const sorted = sortedNumbers(train);
    if (sorted.length === 0) return { median: 0, range: 0 };
    // Adding 0 makes −0 plain: JSON does not know it, and a state must survive JSON.
    const median = quantile(sorted, 0.5) + 0;
    const range = quantile(sorted, 0.75) - quantile(sorted, 0.25);
    const whole = sorted[sorted.length - 1]! - sorted[0]!;
    if (range > NO_SPREAD * whole) return { median, range: isRounding(range, median) ? 0 : range };
    return { median, range: stateNumber(standard.fit(train, parameters, facts), 'deviation') };
  },
  transform: (values, state) => scaleValues(values, stateNumber(state, 'median'), stateNumber(state, 'range')),
  inverse: (values, state) => unscaleValues(values, stateNumber(state, 'median'), stateNumber(state, 'range')),
};

/** A spread within the rounding of the values, or too small to divide by, is none. */
function isRounding(range: number, median: number): boolean {
  return range <= 4 * Number.EPSILON * Math.abs(median) || range < 1e-150;
}
