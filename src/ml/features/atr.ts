import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import { averageTrueRange } from './average-true-range.js';
import type { FeatureStep } from './feature-step.js';
import { BAR_SOURCE, barColumns, priceBars, sourceSuffix } from './price-bars.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 14,
    minimum: 1,
    maximum: 10_000,
    unit: 'rows',
    description: 'True ranges that the average begins with, and the inverse of its smoothing.',
  },
  source: BAR_SOURCE,
} as const satisfies ParameterSpace;

/**
 * Average true range (J. W. Wilder, New Concepts in Technical Trading Systems, 1978): Wilder's smoothing of the true
 * range, ATR_t = ATR_{t−1} + (TR_t − ATR_{t−1}) / w, begun with the mean of TR_1 … TR_w (TA-Lib's convention; charting
 * tools that count high − low of row 0 as a true range begin a row earlier). NaN in the first w rows; 0 while nothing
 * moves. It remembers everything since its beginning and begins anew after a NaN.
 */
export const atr: FeatureStep = {
  name: 'atr',
  title: 'Average true range',
  description: "How far a price moves in a row of late, gaps between rows included; Wilder's smoothing.",
  codeVersion: 3,
  scope: 'asset',
  parameters,
  requiredColumns: (values) => barColumns(parametersOf(values).source),
  warmUp: (values) => parametersOf(values).window,
  columnNames: (values) => [nameOf(values)],
  compute(input, values) {
    const { window, source } = parametersOf(values);
    return [{ name: nameOf(values), values: averageTrueRange(priceBars('atr', input, source), window) }];
  },
};

function nameOf(values: ParameterValues): string {
  const { window, source } = parametersOf(values);
  return `ATR_${window}${sourceSuffix(source)}`;
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'atr');
}
