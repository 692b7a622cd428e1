import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { BAR_SOURCE, barColumns, priceBars, sourceSuffix, typicalPrices } from './price-bars.js';
import { ratioOr } from './ratio.js';
import { restartOnBlocks } from './restart-rows.js';
import { rollingMeans } from './rolling-moments.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 20,
    minimum: 2,
    maximum: 1_000,
    unit: 'rows',
    description: 'Rows of the average and of the mean deviation. The work grows with it.',
  },
  source: BAR_SOURCE,
} as const satisfies ParameterSpace;

/** Lambert's: puts some 70 to 80 % of the values between −100 and 100. */
const SCALE = 0.015;

/**
 * Commodity channel index (D. Lambert, Commodities, October 1980): CCI_t = (p_t − SMA_w) / (0.015 · D), with the typical
 * price p = (high + low + close) / 3 and its mean absolute deviation D = Σ |p_i − SMA_w| / w over the window. 0 where the
 * window is flat. The deviation is taken from a mean that changes with each row: O(n·w), which is why w ends at 1,000.
 */
export const cci: FeatureStep = {
  name: 'cci',
  title: 'Commodity channel index',
  description: 'How far the typical price is from its average, in mean deviations.',
  codeVersion: 2,
  scope: 'asset',
  parameters,
  requiredColumns: (values) => barColumns(parametersOf(values).source),
  warmUp: (values) => parametersOf(values).window - 1,
  columnNames: (values) => [nameOf(values)],
  restartRow(row, values) {
    const { window } = parametersOf(values);
    return restartOnBlocks(row, window - 1, window);
  },
  compute(input, values) {
    const { window, source } = parametersOf(values);
    const prices = typicalPrices(priceBars('cci', input, source));
    const indices = rollingMeans(prices, window);
    for (let row = window - 1; row < prices.length; row++) {
      const mean = indices[row]!;
      let deviations = 0;
      for (let at = row - window + 1; at <= row; at++) deviations += Math.abs(prices[at]! - mean);
      indices[row] = ratioOr(prices[row]! - mean, (SCALE * deviations) / window, 0);
    }
    return [{ name: nameOf(values), values: indices }];
  },
};

function nameOf(values: ParameterValues): string {
  const { window, source } = parametersOf(values);
  return `CCI_${window}${sourceSuffix(source)}`;
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'cci');
}
