import { TrainyardError } from '../../../common/errors/index.js';
import { canonicalJson } from '../../export/canonical-json.js';
import { readTrees } from '../../trees/compiled-trees.js';
import type { BoostedTrees } from '../../trees/gradient-boosting.js';
import type { ModelState } from '../algorithm.js';
import { numberFact } from '../own-series.js';
import { planFacts, readPlan, type FeaturePlan } from './sample-features.js';

/** The ensembles of a model, in the order of its jobs. */
export function boostedOrigin(state: ModelState): BoostedTrees[] {
  const count = numberFact(state, 'ensembles');
  return Array.from({ length: count }, (_, at) => readTrees(state.tensors, `trees/${at}/`));
}

/** The origin's trees, then those that were added to them. */
export function onTopOf(
  origins: readonly BoostedTrees[] | null,
  added: readonly BoostedTrees[],
): readonly BoostedTrees[] {
  if (origins === null) return added;
  return added.map(({ base, rounds }, at) => ({ base, rounds: [...origins[at]!.rounds, ...rounds] }));
}

/** `WARM_START_MISMATCH` unless the trees that are there read the columns that the new ones will. */
export function refuseOtherColumns(plan: FeaturePlan, state: ModelState): void {
  const asked = planFacts(plan);
  const origin = planFacts(readPlan(state));
  const name = Object.keys(asked).find((fact) => canonicalJson(asked[fact]) !== canonicalJson(origin[fact]));
  if (name === undefined) return;
  const [mine, its] = [canonicalJson(asked[name]), canonicalJson(origin[name])];
  throw new TrainyardError(
    'WARM_START_MISMATCH',
    `The trees would not read the columns of their origin: ${name} would be ${mine}, the origin's is ${its}; give the origin's features and hyperparameters, or train without training.warmStart`,
    { name, asked: asked[name], origin: origin[name] },
  );
}
