import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { BAR_SOURCE, barColumns, priceBars, sourceSuffix } from './price-bars.js';
import { ratioOr } from './ratio.js';
import { rollingHighest, rollingLowest } from './rolling-extremes.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 14,
    minimum: 1,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows whose highest high and lowest low are the range.',
  },
  source: BAR_SOURCE,
} as const satisfies ParameterSpace;

/**
 * Williams %R (L. Williams, How I Made One Million Dollars, 1973): −100 · (highest high − close) / (highest high −
 * lowest low) over the window. −100…0 where closes lie between high and low; −50 where the window is flat (TA-Lib gives
 * 0).
 */
export const williamsR: FeatureStep = {
  name: 'williams-r',
  title: 'Williams %R',
  description: 'How far the close stands below the highest high of the last rows, in their range; −100…0.',
  codeVersion: 1,
  scope: 'asset',
  parameters,
  requiredColumns: (values) => barColumns(parametersOf(values).source),
  warmUp: (values) => parametersOf(values).window - 1,
  columnNames: (values) => [nameOf(values)],
  restartRow: (row, values) => Math.max(0, row - parametersOf(values).window + 1),
  compute(input, values) {
    const { window, source } = parametersOf(values);
    const { high, low, close } = priceBars('williams-r', input, source);
    const positions = rollingHighest(high, window);
    const lowest = rollingLowest(low, window);
    for (let row = 0; row < positions.length; row++) {
      const highest = positions[row]!;
      positions[row] = 100 * ratioOr(close[row]! - highest, highest - lowest[row]!, -0.5);
    }
    return [{ name: nameOf(values), values: positions }];
  },
};

function nameOf(values: ParameterValues): string {
  const { window, source } = parametersOf(values);
  return `WILLR_${window}${sourceSuffix(source)}`;
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'williams-r');
}
