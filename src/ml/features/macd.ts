import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import { exponentialAverage, spanWeight } from './exponential-average.js';
import type { FeatureStep } from './feature-step.js';

const span = { kind: 'integer', minimum: 1, maximum: 10_000, unit: 'rows' } as const;

const parameters = {
  fast: { ...span, default: 12, description: 'Span of the average that follows the series closely.' },
  slow: { ...span, default: 26, description: 'Span of the average that is taken off it.' },
  signal: { ...span, default: 9, description: 'Span of the average of the difference.' },
} as const satisfies ParameterSpace;

/**
 * Moving average convergence divergence (G. Appel, 1979): line = EMA_fast − EMA_slow, signal = EMA_signal of the line,
 * histogram = line − signal. Each EMA begins with the mean of its own first values, as the step `ema` does and
 * technicalindicators, too; TA-Lib lets the fast one begin later, so that both begin in the same row, and comes
 * together with this in the long run. All remember everything since they began, and begin anew after a NaN. The line is
 * there from the slower average's first row on, signal and histogram from signal − 1 rows later.
 */
export const macd: FeatureStep = {
  name: 'macd',
  title: 'MACD',
  description: 'Difference of a fast and a slow exponential average, its own average, and what lies between the two.',
  codeVersion: 2,
  scope: 'asset',
  parameters,
  warmUp(values) {
    const { fast, slow, signal } = resolveParameters(parameters, values, 'macd');
    return Math.max(fast, slow) + signal - 2;
  },
  columnNames,
  compute(input, values) {
    const { fast, slow, signal } = resolveParameters(parameters, values, 'macd');
    const line = exponentialAverage(input.value, fast, spanWeight(fast));
    const histogram = exponentialAverage(input.value, slow, spanWeight(slow));
    for (let row = 0; row < line.length; row++) line[row] = line[row]! - histogram[row]!;
    const signals = exponentialAverage(line, signal, spanWeight(signal));
    for (let row = 0; row < line.length; row++) histogram[row] = line[row]! - signals[row]!;
    const [lineName, signalName, histogramName] = columnNames(values);
    return [
      { name: lineName, values: line },
      { name: signalName, values: signals },
      { name: histogramName, values: histogram },
    ];
  },
};

function columnNames(values: ParameterValues): readonly [string, string, string] {
  const { fast, slow, signal } = resolveParameters(parameters, values, 'macd');
  const suffix = `${fast}_${slow}_${signal}`;
  return [`MACD_${suffix}`, `MACD_Signal_${suffix}`, `MACD_Hist_${suffix}`];
}
