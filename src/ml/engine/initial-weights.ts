import { wrappedLayer } from './layers.js';
import type { GraphLayer, NetworkGraph } from './network-graph.js';
import type { NetworkWeights, WeightTensor } from './network.js';
import type { Random } from './random.js';

/**
 * Start values as Keras draws them, from our own generator: kernels uniform on ±√(6 / (fan in + fan out))
 * (Glorot & Bengio, AISTATS 2010), recurrent kernels too, since the orthogonal default costs seconds here; biases 0,
 * the forget gate's 1 (Jozefowicz et al., ICML 2015). `fixed` gives the weights of layers that are not trained,
 * or that start with other values.
 */
export function initialWeights(graph: NetworkGraph, random: Random, fixed: NetworkWeights = {}): NetworkWeights {
  const weights: Record<string, Record<string, WeightTensor>> = {};
  for (const layer of graph.layers) {
    if (layer.weights.length === 0) continue;
    weights[layer.name] = { ...(fixed[layer.name] ?? drawLayer(layer, random)) };
  }
  return weights;
}

function drawLayer(layer: GraphLayer, random: Random): Record<string, WeightTensor> {
  if (!layer.trainable) throw new Error(`layer ${layer.name} is not trained, so its weights must be given`);
  return Object.fromEntries(
    layer.weights.map(({ name, shape }) => {
      const data = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
      if (name === 'gamma') {
        data.fill(1);
      } else if (name !== 'beta' && !name.endsWith('bias')) {
        const limit = Math.sqrt(6 / fans(layer, name, shape));
        for (let at = 0; at < data.length; at++) data[at] = (2 * random.uniform() - 1) * limit;
      } else if (cellOf(layer) === 'LSTM') {
        const units = data.length / 4;
        data.fill(1, units, 2 * units);
      }
      return [name, { shape, data }];
    }),
  );
}

const cellOf = ({ type, config }: GraphLayer): string => (type === 'Bidirectional' ? wrappedLayer(config).type : type);

/** Fan in + fan out. Of a convolution each counts every tap; a projection of attention is one matrix of all heads. */
function fans({ type }: GraphLayer, name: string, shape: readonly number[]): number {
  const [first, second, third] = shape as readonly [number, number, number?];
  if (third === undefined) return first + second;
  if (type === 'Conv1D') return first * (second + third);
  return name === 'output_kernel' ? first * second + third : first + second * third;
}
