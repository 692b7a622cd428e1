import type { ModelState, StateTensor } from '../algorithms/algorithm.js';
import type { NetworkWeights, WeightTensor } from '../engine/network.js';

/** The weights of a network's state. */
export function networkWeightsOf(state: ModelState): NetworkWeights {
  return networkWeights(state.tensors);
}

/** Tensors named `layer/weight`, by layer and weight. Anything else is no network's and a plain error. */
export function networkWeights(tensors: Readonly<Record<string, StateTensor>>): NetworkWeights {
  const weights: Record<string, Record<string, WeightTensor>> = {};
  for (const [path, { shape, data }] of Object.entries(tensors)) {
    const [layer, name, ...rest] = path.split('/');
    if (layer === undefined || name === undefined || rest.length > 0 || !(data instanceof Float32Array)) {
      throw new Error(`a network's tensors are float32 and named layer/weight; ${path} is not`);
    }
    (weights[layer] ??= {})[name] = { shape, data };
  }
  return weights;
}

/** The inverse: tensors named `{prefix}layer/weight`. */
export function weightTensors(prefix: string, weights: NetworkWeights): Record<string, StateTensor> {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([layer, tensors]) =>
      Object.entries(tensors).map(([name, tensor]) => [`${prefix}${layer}/${name}`, tensor]),
    ),
  );
}
