import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { FeatureStep } from './feature-step.js';
import { restartOnBlocks } from './restart-rows.js';
import { rollingMeans } from './rolling-moments.js';

const parameters = {
  window: { kind: 'integer', default: 7, minimum: 1, maximum: 10_000, unit: 'rows', description: 'Rows averaged.' },
} as const satisfies ParameterSpace;

/**
 * Simple moving average: SMA_t = (x_t + … + x_{t−w+1}) / w. NaN in the first w − 1 rows and while a NaN is in the window.
 */
export const sma: FeatureStep = {
  name: 'sma',
  title: 'Simple moving average',
  description: 'Mean of the last rows.',
  codeVersion: 3,
  scope: 'asset',
  parameters,
  warmUp: (values) => windowOf(values) - 1,
  columnNames: (values) => [`SMA_${windowOf(values)}`],
  restartRow: (row, values) => restartOnBlocks(row, windowOf(values) - 1, windowOf(values)),
  compute(input, values) {
    const window = windowOf(values);
    return [{ name: `SMA_${window}`, values: rollingMeans(input.value, window) }];
  },
};

function windowOf(values: ParameterValues): number {
  return resolveParameters(parameters, values, 'sma').window;
}
