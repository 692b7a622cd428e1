import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace } from '../parameters.js';
import type { FeatureStep } from './feature-step.js';

const parameters = {
  label: {
    kind: 'text',
    default: 'constant',
    pattern: '^[A-Za-z][A-Za-z0-9_]{0,59}$',
    description: 'Name of the column: letters, digits and underscores.',
  },
  value: {
    kind: 'number',
    default: 1,
    minimum: -1e9,
    maximum: 1e9,
    description: 'The number in every row; not scaled, so choose it about as large as 1.',
  },
} as const satisfies ParameterSpace;

/**
 * A number that an asset has for good, such as its class (1 or 0), its size or its region: the same in every row, gaps
 * and warm-up included. Of use where one model serves several assets and has to tell them apart; it is therefore not
 * scaled, which would make every constant 0.
 */
export const constant: FeatureStep = {
  name: 'constant',
  title: 'Constant',
  description: 'A fact about an asset that never changes, for models that serve several assets.',
  codeVersion: 1,
  scope: 'asset',
  isConstant: true,
  parameters,
  warmUp: () => 0,
  columnNames: (values) => [resolveParameters(parameters, values, 'constant').label],
  restartRow: (row) => row,
  compute(input, values) {
    const { label, value } = resolveParameters(parameters, values, 'constant');
    return [{ name: label, values: new Float64Array(input.times.length).fill(value) }];
  },
};
