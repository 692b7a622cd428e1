import { isTrainyardError, TrainyardError } from '../../common/errors/index.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { PlannedChain, PlannedTransform } from './transform-chain.js';
import { getTransform } from './transforms.js';

/** A transform as a request names it: with its defaults, or with parameters of its own. */
export type GivenTransform =
  string | { readonly transform: string; readonly parameters?: Readonly<Record<string, unknown>> };

/** More says nothing new: a logarithm, a trend, two differences, a scaler. */
export const MAXIMUM_CHAIN = 6;

/**
 * A chain as a plan keeps it: every name known, every parameter filled in and checked. One transform that has no
 * parameters stays a name. Idempotent: what it returns resolves to itself. `path` begins every message.
 */
export function resolveChain(given: string | readonly GivenTransform[], path: string): PlannedChain {
  const list = typeof given === 'string' ? [given] : given;
  if (list.length === 0 || list.length > MAXIMUM_CHAIN) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${path} has ${list.length} transforms, and takes 1 to ${MAXIMUM_CHAIN} in the order they are applied`,
      { path, value: given, minimum: 1, maximum: MAXIMUM_CHAIN },
    );
  }
  const chain = list.map((one, at) => resolveOne(one, typeof given === 'string' ? path : `${path}[${at}]`));
  const [only] = chain as [PlannedTransform, ...PlannedTransform[]];
  return chain.length === 1 && Object.keys(only.parameters).length === 0 ? only.transform : chain;
}

function resolveOne(given: GivenTransform, path: string): PlannedTransform {
  const { transform: name, parameters = {} } = typeof given === 'string' ? { transform: given } : given;
  const transform = atPath(path, () => getTransform(name));
  return { transform: name, parameters: resolveParameters(transform.parameters, parameters, `${path}.parameters`) };
}

/** A name that is not in the catalogue is reported with the field that holds it. */
function atPath<Found>(path: string, look: () => Found): Found {
  try {
    return look();
  } catch (error) {
    if (!isTrainyardError(error)) throw error;
    throw new TrainyardError(error.code, `${path}: ${error.message}`, { path, ...error.details });
  }
}
