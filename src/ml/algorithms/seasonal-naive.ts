import { TrainyardError } from '../../common/errors/index.js';
import type { ParameterSpace, ValuesOf } from '../parameters.js';
import type { Algorithm } from './algorithm.js';
import { fitRepetition, restoreRepetition } from './naive.js';

const hyperparameters = {
  seasonLength: {
    kind: 'integer',
    default: 0,
    minimum: 0,
    maximum: 100_000,
    unit: 'rows',
    description: 'Rows of one season. 0 takes the season that the step of the data suggests (24 for hourly rows).',
  },
} as const satisfies ParameterSpace;

/** ŷ[t + h] = y[t − S + 1 + ((h − 1) mod S)]: each step repeats the value one whole season before it. */
export const seasonalNaive: Algorithm = {
  name: 'seasonal-naive',
  title: 'Seasonal naive',
  description: 'Repeats the last season of each target: tomorrow at noon is as today at noon. Nothing is learned.',
  family: 'baseline',
  usesFeatures: false,
  usesWeights: false,
  hyperparameters,
  async fit(data, values, context) {
    const { seasonLength } = values as ValuesOf<typeof hyperparameters>;
    const rows = seasonLength === 0 ? data.seasonLength : seasonLength;
    if (rows > data.lookBack) {
      throw new TrainyardError(
        'PARAMETER_INVALID',
        `seasonal-naive repeats a season of ${rows} rows, but the look-back is ${data.lookBack} rows; set ` +
          `windows.lookBack to ${rows} or more, or a shorter seasonLength.`,
        { path: 'windows.lookBack', value: data.lookBack, minimum: rows },
      );
    }
    return fitRepetition('seasonal-naive', rows, data, values, context);
  },
  restore: (state) => restoreRepetition(state),
};
