import type { ModelState } from '../algorithms/algorithm.js';
import type { NetworkWeights, WeightTensor } from '../engine/network.js';

/** The weights of a network's state: its tensors are named `layer/weight`. */
export function networkWeightsOf(state: ModelState): NetworkWeights {
  const weights: Record<string, Record<string, WeightTensor>> = {};
  for (const [name, { shape, data }] of Object.entries(state.tensors)) {
    const [layer, weight, ...rest] = name.split('/');
    if (layer === undefined || weight === undefined || rest.length > 0) {
      throw new Error(`tensor "${name}" is not named layer/weight`);
    }
    (weights[layer] ??= {})[weight] = { shape, data: Float32Array.from(data) };
  }
  return weights;
}
