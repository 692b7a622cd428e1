import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
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
  codeVersion: 1,
  scope: 'asset',
  parameters,
  warmUp: (values) => windowOf(values) - 1,
  columnNames: (values) => [`EMA_${windowOf(values)}`],
  compute(input, values) {
    const window = windowOf(values);
    return [{ name: `EMA_${window}`, values: exponentialAverage(input.value, window) }];
  },
};

function exponentialAverage(values: Float64Array, window: number): Float64Array {
  const averages = new Float64Array(values.length).fill(NaN);
  const weight = 2 / (window + 1);
  let seen = 0;
  let average = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) {
      seen = 0;
      continue;
    }
    seen++;
    // Up to the w-th value the running mean of what was seen, from then on the recursion.
    average = seen === 1 ? value : average + (value - average) * (seen <= window ? 1 / seen : weight);
    if (seen >= window) averages[row] = average;
  }
  return averages;
}

function windowOf(values: ParameterValues): number {
  return resolveParameters(parameters, values, 'ema').window;
}
