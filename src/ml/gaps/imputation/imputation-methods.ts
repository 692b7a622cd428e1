import { TrainyardError } from '../../../common/errors/index.js';
import { forwardFill, seasonal, trailingMedian, trend } from './causal-methods.js';
import type { ImputationMethod } from './imputation-method.js';
import { linear, median, spline } from './interpolating-methods.js';
import { kalman, kalmanSmoother } from './kalman-methods.js';

/** All ways to fill small gaps: the causal ones first, then those that look across the gap. */
export const IMPUTATION_METHODS: readonly ImputationMethod[] = [
  forwardFill,
  trailingMedian,
  seasonal,
  trend,
  kalman,
  linear,
  median,
  spline,
  kalmanSmoother,
];

export const IMPUTATION_NAMES = [
  'forward-fill',
  'trailing-median',
  'seasonal',
  'trend',
  'kalman',
  'linear',
  'median',
  'spline',
  'kalman-smoother',
] as const;

export type ImputationName = (typeof IMPUTATION_NAMES)[number];

export const CAUSAL_NAMES: readonly string[] = IMPUTATION_METHODS.filter(({ looksAhead }) => !looksAhead).map(
  ({ name }) => name,
);

export function getImputationMethod(name: string): ImputationMethod {
  const found = IMPUTATION_METHODS.find((method) => method.name === name);
  if (found !== undefined) return found;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `gaps.imputation "${name}" is none of ${IMPUTATION_NAMES.join(', ')} and auto`,
    { path: 'gaps.imputation', value: name, known: [...IMPUTATION_NAMES, 'auto'] },
  );
}
