import { ADAM, type OptimiserSpecification } from '../../engine/training-setup.js';
import type { ParameterSpace, ValuesOf } from '../../parameters.js';

/** Hyperparameters that every network has: how it is trained. */
export const TRAINING_PARAMETERS = {
  epochs: {
    kind: 'integer',
    default: 50,
    minimum: 1,
    maximum: 1000,
    scale: 'log',
    unit: 'epochs',
    description: 'Passes over the training windows, at most.',
  },
  batchSize: {
    kind: 'integer',
    default: 64,
    minimum: 1,
    maximum: 4096,
    scale: 'log',
    unit: 'windows',
    description: 'Windows per step of the optimiser; 32 to 512 are usual.',
  },
  learningRate: {
    kind: 'number',
    default: 2e-3,
    minimum: 1e-5,
    maximum: 1e-1,
    scale: 'log',
    description: 'Step size of the optimiser.',
  },
  learningRateSchedule: {
    kind: 'choice',
    values: ['constant', 'linear', 'cosine'],
    default: 'constant',
    description: 'How the step size goes on after the warm-up: stays, or falls to 0 at the last epoch.',
  },
  warmUpEpochs: {
    kind: 'number',
    default: 0,
    minimum: 0,
    maximum: 100,
    unit: 'epochs',
    description: 'Epochs over which the step size rises from 0.',
  },
  optimiser: {
    kind: 'choice',
    values: ['adam', 'rmsprop', 'sgd'],
    default: 'adam',
    description: 'Adam suits nearly always; sgd has a momentum of 0.9.',
  },
  weightDecay: {
    kind: 'number',
    default: 0,
    minimum: 0,
    maximum: 1,
    description: 'Share by which Adam shrinks every weight in a step, times the learning rate (AdamW).',
  },
  clipNorm: {
    kind: 'number',
    default: 0,
    minimum: 0,
    maximum: 1000,
    description: 'Gradients longer than this are shortened to it; 0 leaves them.',
  },
  patience: {
    kind: 'integer',
    default: 8,
    minimum: 0,
    maximum: 1000,
    unit: 'epochs',
    description: 'Epochs without improvement before training stops; 0 runs all epochs.',
  },
  minimumChange: {
    kind: 'number',
    default: 1e-5,
    minimum: 0,
    maximum: 1,
    description: 'Fall of the validation loss (scaled units) that counts as improvement.',
  },
} as const satisfies ParameterSpace;

export type TrainingParameters = ValuesOf<typeof TRAINING_PARAMETERS>;

const SGD_MOMENTUM = 0.9;

export function optimiserOf({ optimiser, weightDecay }: TrainingParameters): OptimiserSpecification {
  if (optimiser === 'sgd') return { name: 'sgd', momentum: SGD_MOMENTUM };
  if (optimiser === 'rmsprop') return { name: 'rmsprop', rho: 0.9, epsilon: 1e-7 };
  return { ...ADAM, decay: weightDecay };
}

/** Step size of one step, counted from 0 over the whole training. */
export function learningRateAt(
  { learningRate, learningRateSchedule, warmUpEpochs, epochs }: TrainingParameters,
  step: number,
  stepsPerEpoch: number,
): number {
  const warmUp = warmUpEpochs * stepsPerEpoch;
  if (step < warmUp) return (learningRate * (step + 1)) / (warmUp + 1);
  if (learningRateSchedule === 'constant') return learningRate;
  const done = (step - warmUp) / Math.max(1, epochs * stepsPerEpoch - warmUp);
  return learningRate * (learningRateSchedule === 'linear' ? 1 - done : (1 + Math.cos(Math.PI * done)) / 2);
}
