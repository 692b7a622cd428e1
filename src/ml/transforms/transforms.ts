import { TrainyardError } from '../../common/errors/index.js';
import { detrend } from './detrend.js';
import { difference, seasonalDifference } from './difference.js';
import { logReturn } from './log-return.js';
import { log } from './log.js';
import { minMax } from './min-max.js';
import { none } from './none.js';
import { reduction } from './reduction.js';
import { robust } from './robust.js';
import { standard } from './standard.js';
import type { Transform } from './transform.js';

/** Every transform a template can name. */
export const TRANSFORMS: readonly Transform[] = [
  standard,
  minMax,
  robust,
  reduction,
  log,
  difference,
  seasonalDifference,
  logReturn,
  detrend,
  none,
];

/** The transform of this name; TRANSFORM_UNKNOWN otherwise. */
export function getTransform(name: string): Transform {
  const transform = TRANSFORMS.find((candidate) => candidate.name === name);
  if (transform !== undefined) return transform;
  const known = TRANSFORMS.map((candidate) => candidate.name);
  throw new TrainyardError('TRANSFORM_UNKNOWN', `there is no transform ${name}; use one of ${known.join(', ')}`, {
    value: name,
    known,
  });
}
