import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { relativeChanges } from './relative-changes.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 10,
    minimum: 1,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows back to the value that this one is compared with.',
  },
} as const satisfies ParameterSpace;

/**
 * Rate of change in percent: ROC_t = 100 · (x_t − x_{t−w}) / x_{t−w}. NaN in the first w rows, where either value is NaN
 * and where x_{t−w} is 0. (TA-Lib's ROC.)
 */
export const roc: FeatureStep = {
  name: 'roc',
  title: 'Rate of change',
  description: 'Change since some rows ago, in percent of the value then.',
  codeVersion: 1,
  scope: 'asset',
  parameters,
  warmUp: windowOf,
  columnNames: (values) => [`ROC_${windowOf(values)}`],
  restartRow: (row, values) => Math.max(0, row - windowOf(values)),
  compute(input, values) {
    const window = windowOf(values);
    return [{ name: `ROC_${window}`, values: relativeChanges(input.value, window, 100) }];
  },
};

function windowOf(values: ParameterValues): number {
  return resolveParameters(parameters, values, 'roc').window;
}
