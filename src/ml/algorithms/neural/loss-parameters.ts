import { TrainyardError } from '../../../common/errors/index.js';
import type { LossSpecification } from '../../engine/training-setup.js';
import type { ParameterSpace, ValuesOf } from '../../parameters.js';
import { DIRECTIONS } from '../../windows/direction-labels.js';
import type { ModelState } from '../algorithm.js';
import { numberFact, numbersFact } from '../own-series.js';

/** What a network minimises under the task direction, whatever loss its hyperparameters have for values. */
export const DIRECTION_LOSS: LossSpecification = { name: 'categorical-cross-entropy', classes: DIRECTIONS.length };

/** Hyperparameters that every network has: what its training minimises. */
export const LOSS_PARAMETERS = {
  loss: {
    kind: 'choice',
    values: ['mse', 'mae', 'huber', 'quantile', 'gaussian', 'student-t'],
    default: 'mse',
    description:
      'What training minimises: squared, absolute or Huber error for a point forecast; quantile (pinball) for the ' +
      'quantileLevels; gaussian or student-t likelihood for a distribution. The last three give quantiles of their own.',
  },
  quantileLevels: {
    kind: 'numbers',
    default: [0.1, 0.5, 0.9],
    minimum: 0.001,
    maximum: 0.999,
    minimumLength: 2,
    maximumLength: 19,
    description: 'Levels that the quantile loss trains, ascending; others are interpolated between them.',
  },
  huberDelta: {
    kind: 'number',
    default: 1,
    minimum: 1e-3,
    maximum: 100,
    scale: 'log',
    description: 'Error (scaled units) from which the Huber loss grows linearly.',
  },
} as const satisfies ParameterSpace;

export type LossParameters = ValuesOf<typeof LOSS_PARAMETERS>;

/** `PARAMETER_INVALID` for levels that do not ascend. */
export function lossOf({ loss, quantileLevels, huberDelta }: LossParameters): LossSpecification {
  switch (loss) {
    case 'mae':
    case 'gaussian':
    case 'student-t':
      return { name: loss };
    case 'huber':
      return { name: 'huber', delta: huberDelta };
    case 'quantile': {
      const wrong = quantileLevels.findIndex((level, n) => n > 0 && level <= quantileLevels[n - 1]!);
      if (wrong > 0) {
        throw new TrainyardError(
          'PARAMETER_INVALID',
          `quantileLevels is [${quantileLevels.join(', ')}]: ${quantileLevels[wrong]} comes after ` +
            `${quantileLevels[wrong - 1]}; give each level once, in ascending order.`,
          { path: 'algorithm.hyperparameters.quantileLevels', value: quantileLevels },
        );
      }
      return { name: 'quantile', levels: quantileLevels };
    }
    default:
      return { name: 'mse' };
  }
}

/** As facts of a model state: what its outputs mean. None for the squared error, and none in older states. */
export function lossFacts(loss: LossSpecification): ModelState['facts'] {
  switch (loss.name) {
    case 'mse':
      return {};
    case 'categorical-cross-entropy':
      // The state's task says it.
      return {};
    case 'huber':
      return { loss: loss.name, huberDelta: loss.delta };
    case 'quantile':
      return { loss: loss.name, quantileLevels: loss.levels };
    default:
      return { loss: loss.name };
  }
}

export function readLoss(state: ModelState): LossSpecification {
  if (state.task === 'direction') return DIRECTION_LOSS;
  const name = state.facts['loss'] ?? 'mse';
  switch (name) {
    case 'mse':
    case 'mae':
    case 'gaussian':
    case 'student-t':
      return { name };
    case 'huber':
      return { name, delta: numberFact(state, 'huberDelta') };
    case 'quantile':
      return { name, levels: numbersFact(state, 'quantileLevels') };
    default:
      throw new Error(`a ${state.algorithm} state has no loss ${String(name)}`);
  }
}
