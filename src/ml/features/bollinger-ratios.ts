import type { ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import { bollinger } from './bollinger.js';
import { BOLLINGER_PARAMETERS as parameters, bollingerSuffix } from './bollinger-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { ratioOr } from './ratio.js';
import { restartOnBlocks } from './restart-rows.js';
import { rollingMoments } from './rolling-moments.js';

/**
 * Where the value stands between its Bollinger bands, and how far apart they are (J. Bollinger, Bollinger on Bollinger
 * Bands, 2001): %B = (x − lower) / (upper − lower), 0 on the lower band and 1 on the upper one; width = (upper − lower) /
 * middle. Bands as in the step `bollinger`. Over a constant window %B is 0.5; over a middle of 0 the width is NaN.
 */
export const bollingerRatios: FeatureStep = {
  name: 'bollinger-ratios',
  title: 'Bollinger %B and width',
  description: 'Where the value stands between its Bollinger bands, and how far apart these are.',
  codeVersion: 2,
  scope: 'asset',
  parameters,
  warmUp: (values) => bollinger.warmUp(values),
  columnNames,
  restartRow(row, values) {
    const { window } = resolveParameters(parameters, values, 'bollinger-ratios');
    return restartOnBlocks(row, window - 1, window);
  },
  compute(input, values) {
    const { window, deviations } = resolveParameters(parameters, values, 'bollinger-ratios');
    const { means, variances } = rollingMoments(input.value, window);
    const positions = new Float64Array(means.length);
    const widths = variances;
    for (let row = 0; row < means.length; row++) {
      const mean = means[row]!;
      const distance = deviations * Math.sqrt(variances[row]!);
      positions[row] = 0.5 + ratioOr(input.value[row]! - mean, 2 * distance, 0);
      widths[row] = ratioOr(2 * distance, mean, NaN);
    }
    const [positionName, widthName] = columnNames(values);
    return [
      { name: positionName, values: positions },
      { name: widthName, values: widths },
    ];
  },
};

function columnNames(values: ParameterValues): readonly [string, string] {
  const suffix = bollingerSuffix(values, 'bollinger-ratios');
  return [`BB_PercentB_${suffix}`, `BB_Width_${suffix}`];
}
