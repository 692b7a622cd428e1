import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterValues } from '../parameters.js';
import { BOLLINGER_PARAMETERS as parameters, bollingerSuffix } from './bollinger-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { restartOnBlocks } from './restart-rows.js';
import { rollingBands } from './rolling-bands.js';

/**
 * Bollinger bands (J. Bollinger, Bollinger on Bollinger Bands, 2001): middle = SMA_w, upper and lower = middle ± k · σ_w
 * with the population deviation of the window. NaN in the first w − 1 rows and while a NaN is in the window; over a
 * constant window all three are the constant. The names carry k only where it is not the usual 2.
 */
export const bollinger: FeatureStep = {
  name: 'bollinger',
  title: 'Bollinger bands',
  description: 'Moving average, and bands some deviations of the same rows above and below it.',
  codeVersion: 3,
  scope: 'asset',
  parameters,
  warmUp: (values) => resolveParameters(parameters, values, 'bollinger').window - 1,
  columnNames,
  restartRow(row, values) {
    const { window } = resolveParameters(parameters, values, 'bollinger');
    return restartOnBlocks(row, window - 1, window);
  },
  compute(input, values) {
    const { window, deviations } = resolveParameters(parameters, values, 'bollinger');
    const { middle, upper, lower } = rollingBands(input.value, window, deviations);
    const [upperName, lowerName, middleName] = columnNames(values);
    return [
      { name: upperName, values: upper },
      { name: lowerName, values: lower },
      { name: middleName, values: middle },
    ];
  },
};

function columnNames(values: ParameterValues): readonly [string, string, string] {
  const suffix = bollingerSuffix(values, 'bollinger');
  return [`BB_Up_${suffix}`, `BB_Low_${suffix}`, `BB_MA_${suffix}`];
}
