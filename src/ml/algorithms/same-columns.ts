import { TrainyardError } from '../../common/errors/index.js';
import { canonicalJson } from '../export/canonical-json.js';
import type { ModelState } from './algorithm.js';

/** `WARM_START_MISMATCH` unless what is there (trees, weights) reads the columns that the training would, told as facts. */
export function refuseOtherColumns(
  reader: 'trees' | 'weights',
  asked: ModelState['facts'],
  origin: ModelState['facts'],
): void {
  const name = Object.keys(asked).find((fact) => canonicalJson(asked[fact]) !== canonicalJson(origin[fact]));
  if (name === undefined) return;
  const [mine, its] = [canonicalJson(asked[name]), canonicalJson(origin[name])];
  throw new TrainyardError(
    'WARM_START_MISMATCH',
    `The ${reader} would not read the columns of their origin: ${name} would be ${mine}, the origin's is ${its}; give the origin's features and hyperparameters, or train without training.warmStart`,
    { name, asked: asked[name], origin: origin[name] },
  );
}
