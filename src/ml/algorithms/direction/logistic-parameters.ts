import type { ParameterSpace, ValuesOf } from '../../parameters.js';

export const LOGISTIC_PARAMETERS = {
  lambdas: {
    kind: 'numbers',
    default: [1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1, 10],
    minimum: 1e-9,
    maximum: 1e6,
    minimumLength: 1,
    maximumLength: 40,
    description:
      'Penalties to try, beside the mean log loss; validation log loss chooses. Large ones give the shares of the train part.',
  },
  lags: {
    kind: 'integer',
    default: 24,
    minimum: 0,
    maximum: 512,
    unit: 'rows',
    description: 'Latest changes of each series that are columns, at most those of the window.',
  },
  exogenous: {
    kind: 'choice',
    values: ['origin', 'none'],
    default: 'origin',
    description: 'Features of all assets and of the calendar at the origin as further columns, or none of them.',
  },
  normalisation: {
    kind: 'choice',
    values: ['last-value', 'none'],
    default: 'last-value',
    description:
      'last-value reads changes only, so that a drifting level does no harm; none reads the last value of each series too.',
  },
  maximumWindows: {
    kind: 'integer',
    default: 10_000,
    minimum: 100,
    maximum: 1_000_000,
    scale: 'log',
    unit: 'windows',
    description: 'Train windows that are learned from, at most: of more, evenly spread ones.',
  },
} as const satisfies ParameterSpace;

export type LogisticParameters = ValuesOf<typeof LOGISTIC_PARAMETERS>;
