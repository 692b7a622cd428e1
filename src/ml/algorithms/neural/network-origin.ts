import { TrainyardError } from '../../../common/errors/index.js';
import type { NetworkArchitecture, NetworkLayer, NetworkWeights } from '../../engine/network.js';
import { canonicalJson } from '../../export/canonical-json.js';
import { networkWeightsOf } from '../../export/network-weights.js';
import type { ModelState, TrainingContext } from '../algorithm.js';
import { withoutProbabilities } from './direction-network.js';
import { networkLoss } from './network-loss.js';
import type { NetworkJob } from './network-training.js';
import { readLayout, type SampleLayout } from './sample-layout.js';
import type { TrainingProgress } from './training-progress.js';

/** What a warm start takes over: the network whole, with the scales in it that were measured on the origin's data. */
interface OriginNetwork {
  readonly architecture: NetworkArchitecture;
  readonly weights: NetworkWeights;
  readonly layout: SampleLayout;
}

export function originNetwork(state: ModelState): OriginNetwork {
  if (!state.network) throw new Error(`a ${state.algorithm} state has a network`);
  const architecture = state.task === 'direction' ? withoutProbabilities(state.network) : state.network;
  return { architecture, weights: networkWeightsOf(state), layout: readLayout(state) };
}

/**
 * `WARM_START_MISMATCH` unless both networks have the same layers. The numbers of `Rescaling` layers are measured on the
 * data, so they differ; weights belong to those they were trained behind, which are the origin's.
 */
export function refuseOtherNetwork(asked: NetworkArchitecture, origin: NetworkArchitecture): void {
  const inputs = (of: NetworkArchitecture): string =>
    of.inputs.map(({ name, shape }) => `${name} [${shape.join()}]`).join(', ');
  const mine = asked.layers.map(describeLayer);
  const its = origin.layers.map(describeLayer);
  const at = Array.from({ length: Math.max(mine.length, its.length) }).findIndex((_, n) => mine[n] !== its[n]);
  if (at < 0 && inputs(asked) === inputs(origin)) return;
  const difference =
    at < 0
      ? `it would read ${inputs(asked)}, the origin reads ${inputs(origin)}`
      : `layer ${at + 1} would be ${mine[at] ?? 'none'}, the origin's is ${its[at] ?? 'none'}`;
  throw new TrainyardError(
    'WARM_START_MISMATCH',
    `The network does not have the layers of its origin: ${difference}; give the origin's features and hyperparameters, or train without training.warmStart`,
    { layer: at < 0 ? null : at + 1, asked: mine[at] ?? null, origin: its[at] ?? null },
  );
}

function describeLayer({ type, name, config, from }: NetworkLayer): string {
  const fixed = type === 'Rescaling' ? {} : config;
  return `${type} ${name} ${canonicalJson({ config: fixed, from: from ?? null })}`;
}

/**
 * The start of a warm training: its weights count as epoch 0, so that training never ends with worse ones. Without a
 * validation window there is nothing to compare by, and the first epoch is better than none.
 */
export async function measureOrigin(
  { runner, data, loss: specification }: NetworkJob,
  start: TrainingProgress,
  context: TrainingContext,
): Promise<TrainingProgress> {
  const { validation, train } = data;
  const isValidated = validation.length > 0;
  const loss = await networkLoss(runner, data, specification, isValidated ? validation : train, context, !isValidated);
  const originLoss = loss!;
  context.log(
    'info',
    `Warm start: before the first epoch the ${isValidated ? 'validation' : 'training'} loss is ${Number(originLoss.toPrecision(6))}.`,
  );
  const best =
    isValidated && Number.isFinite(originLoss) ? { epoch: 0, loss: originLoss, weights: start.weights } : null;
  return { ...start, originLoss, best };
}
