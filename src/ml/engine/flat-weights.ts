import type { NetworkGraph } from './network-graph.js';
import type { NetworkWeights, WeightTensor } from './network.js';

/** Weights by `layer/weight`. */
export type FlatWeights = Record<string, WeightTensor>;

/** Copies. */
export function flattenWeights(graph: NetworkGraph, weights: NetworkWeights): FlatWeights {
  return Object.fromEntries(
    graph.layers.flatMap((layer) =>
      layer.weights.map(({ name, shape }) => [
        `${layer.name}/${name}`,
        { shape, data: weights[layer.name]![name]!.data.slice() },
      ]),
    ),
  );
}

/** Copies. */
export function nestWeights(flat: FlatWeights): NetworkWeights {
  const weights: Record<string, Record<string, WeightTensor>> = {};
  for (const [path, { shape, data }] of Object.entries(flat)) {
    const [layer, name] = path.split('/') as [string, string];
    (weights[layer] ??= {})[name] = { shape, data: data.slice() };
  }
  return weights;
}
