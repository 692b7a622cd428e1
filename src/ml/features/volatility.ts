import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { logReturns } from './log-returns.js';
import { restartOnBlocks } from './restart-rows.js';
import { rollingMoments } from './rolling-moments.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 20,
    minimum: 2,
    maximum: 10_000,
    unit: 'rows',
    description: 'Returns whose deviation is taken.',
  },
  periodsPerYear: {
    kind: 'number',
    default: 1,
    minimum: 1,
    maximum: 1e9,
    description:
      'Rows of a year, 252 for trading days: the deviation is given for a year. 1 leaves it that of one row.',
  },
} as const satisfies ParameterSpace;

/**
 * Rolling (historical, realised) volatility: the sample deviation, over w − 1, of the last w log returns, times the root
 * of the periods in a year. NaN in the first w rows, and while a value that is NaN or not above 0 is in the window; 0
 * where the series stands. (J. Hull, Options, Futures, and Other Derivatives, chapter 15.)
 */
export const volatility: FeatureStep = {
  name: 'volatility',
  title: 'Rolling volatility',
  description: 'Deviation of the logarithmic returns of the last rows, for a row or for a year.',
  codeVersion: 2,
  scope: 'asset',
  parameters,
  warmUp: (values) => parametersOf(values).window,
  columnNames: (values) => [nameOf(values)],
  restartRow(row, values) {
    const { window } = parametersOf(values);
    return restartOnBlocks(row, window, window);
  },
  compute(input, values) {
    const { window, periodsPerYear } = parametersOf(values);
    const { variances } = rollingMoments(logReturns(input.value, 1), window);
    const scale = (window / (window - 1)) * periodsPerYear;
    return [{ name: nameOf(values), values: variances.map((variance) => Math.sqrt(variance * scale)) }];
  },
};

function nameOf(values: ParameterValues): string {
  const { window, periodsPerYear } = parametersOf(values);
  return periodsPerYear === 1 ? `VOL_${window}` : `VOL_${window}_${periodsPerYear}`;
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'volatility');
}
