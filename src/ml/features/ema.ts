import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { exponentialAverage, spanWeight } from './exponential-average.js';
import type { FeatureStep } from './feature-step.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 12,
    minimum: 1,
    maximum: 10_000,
    unit: 'rows',
    description: 'Span of the average; the newest row weighs 2 / (window + 1).',
  },
} as const satisfies ParameterSpace;

/**
 * Exponential moving average: EMA_t = EMA_{t−1} + α (x_t − EMA_{t−1}), α = 2 / (w + 1), begun with the mean of the first
 * w values (the convention of TA-Lib and of charting tools). It remembers everything since its beginning, so its value
 * depends on where the series starts. After a NaN it begins anew with the next w values.
 */
export const ema: FeatureStep = {
  name: 'ema',
  title: 'Exponential moving average',
  description: 'Average in which the weight of a row decays exponentially with its age.',
  codeVersion: 2,
  scope: 'asset',
  parameters,
  warmUp: (values) => windowOf(values) - 1,
  columnNames: (values) => [`EMA_${windowOf(values)}`],
  compute(input, values) {
    const window = windowOf(values);
    return [{ name: `EMA_${window}`, values: exponentialAverage(input.value, window, spanWeight(window)) }];
  },
};

function windowOf(values: ParameterValues): number {
  return resolveParameters(parameters, values, 'ema').window;
}
