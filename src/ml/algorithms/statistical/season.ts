import { TrainyardError } from '../../../common/errors/index.js';
import type { WindowedData } from '../../windows/windowed-data.js';

export const seasonLengthParameter = {
  kind: 'integer',
  default: 0,
  minimum: 0,
  maximum: 100_000,
  unit: 'rows',
  description:
    'Rows of one season. 0 takes the season that the step of the data suggests (24 for hourly rows), 1 is no season. A ' +
    'window must hold two seasons.',
} as const;

export const failureFactorParameter = {
  kind: 'number',
  default: 1.5,
  minimum: 1,
  maximum: 1000,
  scale: 'log',
  description:
    'A model whose root mean squared validation error is more than this many times that of the better naive forecast is ' +
    'replaced by it, with a warning in the log.',
} as const;

/**
 * Rows of the season that a model of windows can have, 1 for none. The state of a season is read from the window, so two
 * seasons must fit into it. A season that was asked for and does not fit is refused; one that the data suggests is left
 * out, and `whyNot` says so in words for the log.
 */
export function usableSeason(
  algorithm: string,
  given: number,
  isRequired: boolean,
  data: WindowedData,
): { readonly rows: number; readonly whyNot: string | null } {
  const rows = given === 0 ? data.seasonLength : given;
  if (rows <= 1 && !isRequired) return { rows: 1, whyNot: null };
  if (rows > 1 && data.lookBack >= 2 * rows) return { rows, whyNot: null };
  if (rows <= 1) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `A seasonal ${algorithm} model needs a season of 2 rows or more, but it is ${rows}; set ` +
        'algorithm.hyperparameters.seasonLength, or choose a model without season.',
      { path: 'algorithm.hyperparameters.seasonLength', value: rows, minimum: 2 },
    );
  }
  const problem = `two seasons of ${rows} rows do not fit into the look-back of ${data.lookBack} rows`;
  if (given > 1 || isRequired) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${algorithm} reads its season from the window, and ${problem}; set windows.lookBack to ${2 * rows} or more, or ` +
        'seasonLength to 1.',
      { path: 'windows.lookBack', value: data.lookBack, minimum: 2 * rows },
    );
  }
  return {
    rows: 1,
    whyNot: `Without season: ${problem}; set windows.lookBack to ${2 * rows} or more for a seasonal model.`,
  };
}
