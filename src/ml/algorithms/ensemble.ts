import { TrainyardError } from '../../common/errors/index.js';
import { createRandom } from '../engine/random.js';
import type { ValuesOf } from '../parameters.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm, FitOutcome, ModelState, TrainingContext } from './algorithm.js';
import { openMembers, restoreEnsemble } from './ensemble/ensemble-forecaster.js';
import { errorProducts, lossOf, type ErrorProducts } from './ensemble/error-products.js';
import { baggedWeights, type GreedySelection } from './ensemble/greedy-weights.js';
import { throwIfCancelled } from './training-loss.js';

export const MAXIMUM_MEMBERS = 20;

const HYPERPARAMETERS = {
  members: {
    kind: 'text',
    default: '',
    pattern: '^[A-Za-z0-9_@, -]*$',
    description:
      'What is combined, 2 to 20 of them, separated by commas: ids of finished executions (exe_…), registered models (name, its newest version) or their versions (name@3).',
  },
  method: {
    kind: 'choice',
    values: ['greedy', 'mean'],
    default: 'greedy',
    description:
      'greedy: weights by the validation part, see rounds; a member that does not help gets none. mean: all count alike.',
  },
  rounds: {
    kind: 'integer',
    default: 100,
    minimum: 1,
    maximum: 1000,
    scale: 'log',
    description: 'How often greedy takes a member; weights are multiples of 1 / rounds, and the best round is kept.',
  },
  bags: {
    kind: 'integer',
    default: 0,
    minimum: 0,
    maximum: 200,
    description: 'Selections among random shares of the members whose weights are averaged; 0: one among all of them.',
  },
  bagShare: {
    kind: 'number',
    default: 0.5,
    minimum: 0.1,
    maximum: 1,
    description: 'Share of the members in each bag.',
  },
} as const;

/** Keeps the draws of bags apart from those of anything else under the same seed. */
const BAG_STREAM = 4;

type Values = ValuesOf<typeof HYPERPARAMETERS>;

/**
 * Combines finished models: Σ wᵢ fᵢ with weights that are not negative and sum to 1, of forecasts in original units. The
 * weights are chosen by the validation windows, observed rows only, each target in the ensemble's scaled units; nothing
 * is trained. See `greedyWeights`, and `restoreEnsemble` for the forecast.
 *
 * `find` gives the algorithms of the members.
 */
export function ensembleOver(find: (name: string) => Algorithm): Algorithm {
  return {
    name: 'ensemble',
    title: 'Ensemble',
    description:
      'Combines the forecasts of finished executions, by weights chosen on the validation part or by their mean.',
    family: 'ensemble',
    hyperparameters: HYPERPARAMETERS,
    usesFeatures: false,
    usesWeights: false,
    usesKnownFuture: true,
    combines: true,
    fit: (data, hyperparameters, context) => fitEnsemble(data, hyperparameters as Values, context, find),
    restore: (state) => restoreEnsemble(state, find),
  };
}

async function fitEnsemble(
  data: WindowedData,
  hyperparameters: Values,
  context: TrainingContext,
  find: (name: string) => Algorithm,
): Promise<FitOutcome> {
  throwIfCancelled(context);
  const { ensemble } = context;
  if (ensemble === undefined) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      'An ensemble combines finished executions: name at least two in algorithm.hyperparameters.members',
      { path: 'algorithm.hyperparameters.members', value: hyperparameters.members },
    );
  }
  const { train, validation } = data.origins;
  const hasValidation = validation.length > 0;
  if (!hasValidation && hyperparameters.method === 'greedy') {
    throw new TrainyardError(
      'WINDOWS_NONE',
      'There is no validation window to choose weights by: give the split a validation part, or set algorithm.hyperparameters.method to mean',
      { part: 'validation' },
    );
  }
  const { targets, members } = ensemble;
  const open = await openMembers(members, find);
  let errors: ErrorProducts;
  try {
    errors = await errorProducts(data, targets, open, hasValidation ? validation : train, context);
  } finally {
    for (const { forecaster } of open) forecaster.dispose();
  }
  if (errors.count === 0) {
    throw new TrainyardError(
      'WINDOWS_NONE',
      `No row that the ${hasValidation ? 'validation' : 'train'} windows forecast was observed: move the split`,
      { part: hasValidation ? 'validation' : 'train' },
    );
  }
  const { weights, rounds, loss, isComplete } = chooseWeights(errors, members.length, hyperparameters, context);
  context.onProgress({ fraction: 1, epoch: 0, epochs: 0, loss });
  const model: ModelState = {
    format: 1,
    algorithm: 'ensemble',
    hyperparameters,
    lookBack: data.lookBack,
    horizon: data.horizon,
    inputs: data.inputs.names,
    targets: data.targets.names,
    facts: {
      /** Each member's own error, where the weights were chosen. */
      losses: members.map((_, member) => errors.products[member * members.length + member]!),
      values: errors.count,
    },
    tensors: {},
    ensemble: { targets, members: members.map((member, at) => ({ ...member, weight: weights[at]! })) },
  };
  return {
    model,
    iterations: rounds,
    bestEpoch: null,
    loss,
    validationLoss: hasValidation ? loss : null,
    stopReason: isComplete && errors.isComplete ? 'completed' : 'budget',
    engine: 'none',
  };
}

function chooseWeights(
  errors: ErrorProducts,
  members: number,
  { method, rounds, bags, bagShare }: Values,
  context: TrainingContext,
): GreedySelection {
  if (method === 'mean') {
    const weights = new Float64Array(members).fill(1 / members);
    return { weights, rounds: 0, loss: lossOf(errors, weights), isComplete: true };
  }
  const { maxRuntimeMs, seed } = context;
  const mayGoOn = (): boolean => maxRuntimeMs === null || context.elapsedMs() < maxRuntimeMs;
  const random = createRandom(seed, BAG_STREAM);
  const chosen = baggedWeights(errors.products, rounds, { bags, share: bagShare }, random, mayGoOn);
  if (bags > 0 && !chosen.isBagged && chosen.isComplete) {
    context.log(
      'warn',
      `The mean of ${bags} bags errs more than the best member alone: the selection among all is kept`,
    );
  }
  return chosen;
}
