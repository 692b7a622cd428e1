import type { NetworkWeights } from '../../engine/network.js';
import type { OptimiserState } from '../../engine/training-setup.js';
import { networkWeights, weightTensors } from '../../export/network-weights.js';
import type { StateTensor, TrainingCheckpoint } from '../algorithm.js';

/** All that a training has come to after `epoch` epochs: going on from it gives the bits of not having stopped. */
export interface TrainingProgress {
  readonly epoch: number;
  readonly weights: NetworkWeights;
  /** Null before the first step. */
  readonly optimiser: OptimiserState | null;
  readonly best: { readonly epoch: number; readonly loss: number; readonly weights: NetworkWeights } | null;
  /** Epochs since the best one. */
  readonly waited: number;
  /** Of the weights that a warm start began with, see `TrainingSummary`. */
  readonly originLoss?: number;
}

const POWER = 'power:';
const SLOT = 'slot:';

/** As a checkpoint: tensors `weights/…`, `best/…` and `slot:{slot}/…`, each by `layer/weight`. */
export function encodeProgress(progress: TrainingProgress): TrainingCheckpoint {
  const { optimiser, best } = progress;
  if (!optimiser || !best) throw new Error('a checkpoint is made after an epoch');
  const slots = Object.entries(optimiser.slots).flatMap(([slot, vectors]) =>
    Object.entries(vectors).map(([path, data]): [string, StateTensor] => [
      `${SLOT}${slot}/${path}`,
      { shape: [data.length], data },
    ]),
  );
  const powers = Object.entries(optimiser.powers).map(([name, value]): [string, number] => [`${POWER}${name}`, value]);
  return {
    epoch: progress.epoch,
    facts: {
      waited: progress.waited,
      bestEpoch: best.epoch,
      bestLoss: best.loss,
      optimiserStep: optimiser.step,
      ...(progress.originLoss !== undefined && { originLoss: progress.originLoss }),
      ...Object.fromEntries(powers),
    },
    tensors: {
      ...weightTensors('weights/', progress.weights),
      ...weightTensors('best/', best.weights),
      ...Object.fromEntries(slots),
    },
  };
}

export function decodeProgress(checkpoint: TrainingCheckpoint): TrainingProgress {
  const fact = (name: string): number => {
    const value = checkpoint.facts[name];
    if (typeof value !== 'number') throw new Error(`the checkpoint has no number ${name}`);
    return value;
  };
  const under = (prefix: string): Record<string, StateTensor> =>
    Object.fromEntries(
      Object.entries(checkpoint.tensors)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  const slots: Record<string, Record<string, Float32Array>> = {};
  for (const [name, { data }] of Object.entries(under(SLOT))) {
    const slot = name.slice(0, name.indexOf('/'));
    (slots[slot] ??= {})[name.slice(slot.length + 1)] = Float32Array.from(data);
  }
  const powers = Object.keys(checkpoint.facts).filter((name) => name.startsWith(POWER));
  return {
    epoch: checkpoint.epoch,
    weights: networkWeights(under('weights/')),
    optimiser: {
      step: fact('optimiserStep'),
      powers: Object.fromEntries(powers.map((name) => [name.slice(POWER.length), fact(name)])),
      slots,
    },
    best: { epoch: fact('bestEpoch'), loss: fact('bestLoss'), weights: networkWeights(under('best/')) },
    waited: fact('waited'),
    ...('originLoss' in checkpoint.facts && { originLoss: fact('originLoss') }),
  };
}
