import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { relativeStrength } from './rsi.js';
import { stochasticLines, stochasticReach } from './stochastic-lines.js';

const rows = { kind: 'integer', minimum: 1, maximum: 10_000, unit: 'rows' } as const;

const parameters = {
  rsiWindow: { ...rows, default: 14, description: 'Window of the relative strength index.' },
  window: { ...rows, default: 14, description: 'Rows whose highest and lowest index are the range.' },
  smoothing: { ...rows, default: 3, description: 'Rows that %K is averaged over.' },
  signal: { ...rows, default: 3, description: 'Values of %K that %D is the average of.' },
} as const satisfies ParameterSpace;

/**
 * Stochastic RSI (T. Chande and S. Kroll, The New Technical Trader, 1994): the stochastic oscillator of the relative
 * strength index, %K = 100 · (RSI − lowest RSI) / (highest RSI − lowest RSI), smoothed, and %D its average. 0…100; 50
 * where the index has not moved. It remembers everything since the index began, which begins anew after a NaN.
 */
export const stochasticRsi: FeatureStep = {
  name: 'stochastic-rsi',
  title: 'Stochastic RSI',
  description:
    'Where the relative strength index stands in the range of its last rows, and the average of that; 0…100.',
  codeVersion: 3,
  scope: 'asset',
  parameters,
  warmUp: (values) => parametersOf(values).rsiWindow + stochasticReach(parametersOf(values)),
  columnNames,
  compute(input, values) {
    const given = parametersOf(values);
    const strengths = relativeStrength(input.value, given.rsiWindow);
    const { k, d } = stochasticLines({ high: strengths, low: strengths, close: strengths }, given);
    const [kName, dName] = columnNames(values);
    return [
      { name: kName, values: k },
      { name: dName, values: d },
    ];
  },
};

function columnNames(values: ParameterValues): readonly [string, string] {
  const { rsiWindow, window, smoothing, signal } = parametersOf(values);
  const suffix = `${rsiWindow}_${window}_${smoothing}_${signal}`;
  return [`STOCHRSI_K_${suffix}`, `STOCHRSI_D_${suffix}`];
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'stochastic-rsi');
}
