import { readTrees } from '../../trees/compiled-trees.js';
import type { BoostedTrees } from '../../trees/gradient-boosting.js';
import type { ModelState } from '../algorithm.js';
import { numberFact } from '../own-series.js';

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
