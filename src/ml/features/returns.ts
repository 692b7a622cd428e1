import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { logReturns } from './log-returns.js';
import { relativeChanges } from './relative-changes.js';

const parameters = {
  kind: {
    kind: 'choice',
    values: ['simple', 'log'],
    default: 'log',
    description: 'simple is the change in shares of the value before; log is the logarithm of the quotient.',
  },
  periods: {
    kind: 'integer',
    default: 1,
    minimum: 1,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows back to the value before.',
  },
} as const satisfies ParameterSpace;

/**
 * Returns: simple (x_t − x_{t−p}) / x_{t−p}, or log(x_t / x_{t−p}). NaN in the first p rows, where either value is NaN, for
 * simple ones where x_{t−p} is 0, for logarithmic ones where either value is not above 0. (Campbell, Lo and MacKinlay, The
 * Econometrics of Financial Markets, 1997, section 1.4.)
 */
export const returns: FeatureStep = {
  name: 'returns',
  title: 'Returns',
  description: 'Relative change since the row before, or some rows before, simple or logarithmic.',
  codeVersion: 1,
  scope: 'asset',
  parameters,
  warmUp: (values) => parametersOf(values).periods,
  columnNames: (values) => [nameOf(values)],
  restartRow: (row, values) => Math.max(0, row - parametersOf(values).periods),
  compute(input, values) {
    const { kind, periods } = parametersOf(values);
    const changes = kind === 'log' ? logReturns(input.value, periods) : relativeChanges(input.value, periods, 1);
    return [{ name: nameOf(values), values: changes }];
  },
};

function nameOf(values: ParameterValues): string {
  const { kind, periods } = parametersOf(values);
  return `${kind === 'log' ? 'LOGRET' : 'RET'}_${periods}`;
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'returns');
}
