import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';

/** Of `bollinger` and of what is made of its bands. */
export const BOLLINGER_PARAMETERS = {
  window: {
    kind: 'integer',
    default: 20,
    minimum: 2,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows of the moving average and of the deviation.',
  },
  deviations: {
    kind: 'number',
    default: 2,
    minimum: 0.1,
    maximum: 10,
    description: 'Deviations between the middle and a band.',
  },
} as const satisfies ParameterSpace;

/** How the columns' names end; it carries the deviations only where they are not the usual 2. */
export function bollingerSuffix(values: ParameterValues, step: string): string {
  const { window, deviations } = resolveParameters(BOLLINGER_PARAMETERS, values, step);
  return deviations === 2 ? `${window}` : `${window}_${deviations}`;
}
