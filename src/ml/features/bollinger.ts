import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { FeatureStep } from './feature-step.js';
import { rollingMoments } from './rolling-moments.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 20,
    minimum: 2,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows of the moving average and of the deviation.',
  },
  deviations: {
    kind: 'number',
    default: 2,
    minimum: 0.1,
    maximum: 10,
    description: 'Deviations between the middle and a band.',
  },
} as const satisfies ParameterSpace;

/**
 * Bollinger bands (J. Bollinger, Bollinger on Bollinger Bands, 2001): middle = SMA_w, upper and lower = middle ± k · σ_w
 * with the population deviation of the window. NaN in the first w − 1 rows and while a NaN is in the window; over a
 * constant window all three are the constant. The names carry k only where it is not the usual 2.
 */
export const bollinger: FeatureStep = {
  name: 'bollinger',
  title: 'Bollinger bands',
  description: 'Moving average, and bands some deviations of the same rows above and below it.',
  codeVersion: 1,
  scope: 'asset',
  parameters,
  warmUp: (values) => resolveParameters(parameters, values, 'bollinger').window - 1,
  columnNames,
  compute(input, values) {
    const { window, deviations } = resolveParameters(parameters, values, 'bollinger');
    const { means, variances } = rollingMoments(input.value, window);
    const upper = new Float64Array(means.length).fill(NaN);
    const lower = new Float64Array(means.length).fill(NaN);
    for (let row = 0; row < means.length; row++) {
      const mean = means[row]!;
      if (Number.isNaN(mean)) continue;
      const distance = deviations * Math.sqrt(variances[row]!);
      upper[row] = mean + distance;
      lower[row] = mean - distance;
    }
    const [upperName, lowerName, middleName] = columnNames(values);
    return [
      { name: upperName, values: upper },
      { name: lowerName, values: lower },
      { name: middleName, values: means },
    ];
  },
};

function columnNames(values: ParameterValues): readonly [string, string, string] {
  const { window, deviations } = resolveParameters(parameters, values, 'bollinger');
  const suffix = deviations === 2 ? `${window}` : `${window}_${deviations}`;
  return [`BB_Up_${suffix}`, `BB_Low_${suffix}`, `BB_MA_${suffix}`];
}
