import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { BAR_SOURCE, barColumns, priceBars, sourceSuffix } from './price-bars.js';
import { restartOnBlocks } from './restart-rows.js';
import { stochasticLines, stochasticReach } from './stochastic-lines.js';

const rows = { kind: 'integer', minimum: 1, maximum: 10_000, unit: 'rows' } as const;

const parameters = {
  window: { ...rows, default: 14, description: 'Rows whose highest high and lowest low are the range.' },
  smoothing: { ...rows, default: 1, description: 'Rows that %K is averaged over: 1 is the fast one, 3 the slow one.' },
  signal: { ...rows, default: 3, description: 'Values of %K that %D is the average of.' },
  source: BAR_SOURCE,
} as const satisfies ParameterSpace;

/**
 * Stochastic oscillator (G. Lane, 1957): %K = 100 · (close − lowest low) / (highest high − lowest low) over the window,
 * smoothed by a simple average; %D = simple average of %K. 0…100 where closes lie between high and low; 50 where the
 * window is flat (TA-Lib gives 0). %K is there from window + smoothing − 2 rows on, %D signal − 1 rows later.
 */
export const stochastic: FeatureStep = {
  name: 'stochastic',
  title: 'Stochastic oscillator',
  description: 'Where the close stands in the range of the last rows, and the average of that; 0…100.',
  codeVersion: 2,
  scope: 'asset',
  parameters,
  requiredColumns: (values) => barColumns(parametersOf(values).source),
  warmUp: (values) => stochasticReach(parametersOf(values)),
  columnNames,
  restartRow(row, values) {
    const { smoothing, signal } = parametersOf(values);
    return restartOnBlocks(row, stochasticReach(parametersOf(values)), smoothing, signal);
  },
  compute(input, values) {
    const given = parametersOf(values);
    const { k, d } = stochasticLines(priceBars('stochastic', input, given.source), given);
    const [kName, dName] = columnNames(values);
    return [
      { name: kName, values: k },
      { name: dName, values: d },
    ];
  },
};

function columnNames(values: ParameterValues): readonly [string, string] {
  const { window, smoothing, signal, source } = parametersOf(values);
  const suffix = `${window}_${smoothing}_${signal}${sourceSuffix(source)}`;
  return [`STOCH_K_${suffix}`, `STOCH_D_${suffix}`];
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'stochastic');
}
