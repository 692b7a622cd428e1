import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { FeatureStep } from './feature-step.js';

const parameters = {
  lags: {
    kind: 'integers',
    default: [1, 7],
    minimum: 1,
    maximum: 100_000,
    minimumLength: 1,
    maximumLength: 64,
    description: 'How many rows back; one column for each.',
  },
} as const satisfies ParameterSpace;

/**
 * The series some rows ago: LAG_k at t = x_{t−k}. NaN in the first k rows and where x_{t−k} is NaN. A lag that is listed
 * twice makes one column. Of use for lags beyond the look-back, such as the same hour a week ago.
 */
export const lags: FeatureStep = {
  name: 'lags',
  title: 'Lags',
  description: 'Earlier values of the series.',
  codeVersion: 1,
  scope: 'asset',
  parameters,
  warmUp: (values) => Math.max(...lagsOf(values)),
  columnNames: (values) => lagsOf(values).map(nameOf),
  restartRow: (row, values) => Math.max(0, row - Math.max(...lagsOf(values))),
  compute(input, values) {
    return lagsOf(values).map((lag) => {
      const shifted = new Float64Array(input.value.length).fill(NaN);
      if (lag < shifted.length) shifted.set(input.value.subarray(0, shifted.length - lag), lag);
      return { name: nameOf(lag), values: shifted };
    });
  },
};

function lagsOf(values: ParameterValues): readonly number[] {
  return [...new Set(resolveParameters(parameters, values, 'lags').lags)];
}

function nameOf(lag: number): string {
  return `LAG_${lag}`;
}
