import type { ParameterSpace, ValuesOf } from '../../parameters.js';

export const BOOSTING_PARAMETERS = {
  rounds: {
    kind: 'integer',
    default: 300,
    minimum: 1,
    maximum: 10_000,
    scale: 'log',
    unit: 'trees',
    description: 'Trees that are added one after the other, at most.',
  },
  learningRate: {
    kind: 'number',
    default: 0.1,
    minimum: 1e-3,
    maximum: 1,
    scale: 'log',
    description: 'Share of what a tree says that is added: smaller needs more trees and is often better.',
  },
  maximumLeaves: {
    kind: 'integer',
    default: 31,
    minimum: 2,
    maximum: 1024,
    scale: 'log',
    description: 'Leaves of one tree, at most.',
  },
  maximumDepth: {
    kind: 'integer',
    default: 0,
    minimum: 0,
    maximum: 32,
    description: 'Splits between the root and a leaf, at most; 0 leaves it to the number of leaves.',
  },
  growth: {
    kind: 'choice',
    values: ['leaf', 'depth'],
    default: 'leaf',
    description: 'leaf splits the leaf that gains most, depth one level after the other.',
  },
  minimumRows: {
    kind: 'integer',
    default: 20,
    minimum: 1,
    maximum: 100_000,
    scale: 'log',
    unit: 'samples',
    description: 'Samples in a leaf, at least.',
  },
  lambda: {
    kind: 'number',
    default: 1,
    minimum: 0,
    maximum: 1e4,
    description: 'L2 penalty on what a leaf says: draws leaves with few samples to 0.',
  },
  subsample: {
    kind: 'number',
    default: 0.8,
    minimum: 0.05,
    maximum: 1,
    description: 'Share of the samples that a tree is grown on, drawn anew for each.',
  },
  columnSample: {
    kind: 'number',
    default: 0.8,
    minimum: 0.05,
    maximum: 1,
    description: 'Share of the columns that a tree may split, drawn anew for each.',
  },
  bins: {
    kind: 'integer',
    default: 255,
    minimum: 2,
    maximum: 255,
    description: 'Values that a column is told apart by, at most: quantiles of its train samples.',
  },
  patience: {
    kind: 'integer',
    default: 30,
    minimum: 0,
    maximum: 10_000,
    unit: 'trees',
    description: 'Trees without improvement before training stops; 0 adds all.',
  },
  minimumChange: {
    kind: 'number',
    default: 1e-6,
    minimum: 0,
    maximum: 1,
    description: 'Fall of the validation loss (scaled units) that counts as improvement.',
  },
  strategy: {
    kind: 'choice',
    values: ['direct', 'recursive'],
    default: 'direct',
    description:
      'direct reads the step as a column and forecasts every step from the window; recursive forecasts one step and goes ' +
      'on from its own forecast, without features at the origin.',
  },
  shared: {
    kind: 'boolean',
    default: true,
    description: 'One ensemble for all targets, which learns from all (a global model), or one for each.',
  },
  lags: {
    kind: 'integer',
    default: 24,
    minimum: 1,
    maximum: 512,
    unit: 'rows',
    description:
      'Latest values of the window that are columns of their own; the window further back counts by mean and deviation, ' +
      'and by the values one, two and three seasons before the forecast row.',
  },
  exogenous: {
    kind: 'choice',
    values: ['origin', 'none'],
    default: 'origin',
    description: 'Features of the target and of the calendar at the origin as further columns, or none of them.',
  },
  normalisation: {
    kind: 'choice',
    values: ['last-value', 'none'],
    default: 'last-value',
    description:
      'last-value forecasts the change from the last value, so that a drifting level does no harm: trees do not go beyond ' +
      'values they have seen. none forecasts the value itself.',
  },
  loss: {
    kind: 'choice',
    values: ['squared', 'absolute', 'huber', 'quantile'],
    default: 'squared',
    description: 'What is minimised; quantile gives intervals of its own, with one ensemble for each level.',
  },
  huberDelta: {
    kind: 'number',
    default: 1,
    minimum: 1e-3,
    maximum: 100,
    description: 'Errors (scaled units) beyond which the huber loss is straight; other losses do not read it.',
  },
  levels: {
    kind: 'numbers',
    default: [0.1, 0.5, 0.9],
    minimum: 0.001,
    maximum: 0.999,
    minimumLength: 1,
    maximumLength: 19,
    description: 'Levels of the quantile loss, ascending; other losses do not read them.',
  },
  maximumSamples: {
    kind: 'integer',
    default: 200_000,
    minimum: 100,
    maximum: 5_000_000,
    scale: 'log',
    unit: 'samples',
    description:
      'Samples (window, target, step) that are learned from, at most: of more, some steps of each window are drawn.',
  },
} as const satisfies ParameterSpace;

export type BoostingParameters = ValuesOf<typeof BOOSTING_PARAMETERS>;

/** Those that say how trees are grown; the others decide what an ensemble reads and what its sums mean. */
export const TREE_PARAMETERS: readonly (keyof BoostingParameters)[] = [
  'rounds',
  'learningRate',
  'maximumLeaves',
  'maximumDepth',
  'growth',
  'minimumRows',
  'lambda',
  'subsample',
  'columnSample',
  'bins',
  'patience',
  'minimumChange',
  'maximumSamples',
];
