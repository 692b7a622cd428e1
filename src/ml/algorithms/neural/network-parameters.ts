import type { ParameterSpace, ValuesOf } from '../../parameters.js';
import { LOSS_PARAMETERS } from './loss-parameters.js';
import { TRAINING_PARAMETERS } from './training-parameters.js';

/** Hyperparameters of every network besides its own: what it reads and what it is trained for. */
export const NETWORK_PARAMETERS = {
  normalisation: {
    kind: 'choice',
    values: ['last-value', 'instance', 'none'],
    default: 'last-value',
    description:
      'last-value forecasts the change from the last value, so that a drifting level does no harm; instance reads each ' +
      'window less its own mean and in units of its own deviation, and forecasts in these; none forecasts the value itself.',
  },
  channels: {
    kind: 'choice',
    values: ['joint', 'shared'],
    default: 'joint',
    description:
      'joint reads all input columns and forecasts all targets at once; shared trains one network for every target, ' +
      'each seen alone with its own features.',
  },
  ...LOSS_PARAMETERS,
  ...TRAINING_PARAMETERS,
} as const satisfies ParameterSpace;

export type NetworkParameters = ValuesOf<typeof NETWORK_PARAMETERS>;

/** The same declarations with some other defaults. */
export function withDefaults<Space extends ParameterSpace>(space: Space, defaults: Partial<ValuesOf<Space>>): Space {
  return Object.fromEntries(
    Object.entries(space).map(([name, declaration]) => [
      name,
      { ...declaration, default: (defaults as Readonly<Record<string, unknown>>)[name] ?? declaration.default },
    ]),
  ) as Space;
}
