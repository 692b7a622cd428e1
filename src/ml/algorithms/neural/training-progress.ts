import type { AdamState } from '../../engine/adam.js';
import type { NetworkWeights } from '../../engine/network.js';
import { networkWeights, weightTensors } from '../../export/network-weights.js';
import type { StateTensor, TrainingCheckpoint } from '../algorithm.js';

/** All that a training has come to after `epoch` epochs: going on from it gives the bits of not having stopped. */
export interface TrainingProgress {
  readonly epoch: number;
  readonly weights: NetworkWeights;
  /** Null before the first step. */
  readonly optimiser: AdamState | null;
  readonly best: { readonly epoch: number; readonly loss: number; readonly weights: NetworkWeights } | null;
  /** Epochs since the best one. */
  readonly waited: number;
}

/** As a checkpoint: tensors `weights/…`, `best/…`, `first/…` and `second/…`, each by `layer/weight`. */
export function encodeProgress(progress: TrainingProgress): TrainingCheckpoint {
  const { optimiser, best } = progress;
  if (!optimiser || !best) throw new Error('a checkpoint is made after an epoch');
  const moments = (prefix: string, of: AdamState['first']): Record<string, StateTensor> =>
    Object.fromEntries(Object.entries(of).map(([name, data]) => [`${prefix}/${name}`, { shape: [data.length], data }]));
  return {
    epoch: progress.epoch,
    facts: {
      waited: progress.waited,
      bestEpoch: best.epoch,
      bestLoss: best.loss,
      optimiserStep: optimiser.step,
      beta1Power: optimiser.beta1Power,
      beta2Power: optimiser.beta2Power,
    },
    tensors: {
      ...weightTensors('weights/', progress.weights),
      ...weightTensors('best/', best.weights),
      ...moments('first', optimiser.first),
      ...moments('second', optimiser.second),
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
  const moments = (prefix: string): Record<string, Float32Array> =>
    Object.fromEntries(Object.entries(under(prefix)).map(([name, { data }]) => [name, Float32Array.from(data)]));
  return {
    epoch: checkpoint.epoch,
    weights: networkWeights(under('weights/')),
    optimiser: {
      step: fact('optimiserStep'),
      beta1Power: fact('beta1Power'),
      beta2Power: fact('beta2Power'),
      first: moments('first/'),
      second: moments('second/'),
    },
    best: { epoch: fact('bestEpoch'), loss: fact('bestLoss'), weights: networkWeights(under('best/')) },
    waited: fact('waited'),
  };
}
