import { gelu, relu, sigmoid, softmax, softplus, tanh } from '../../graph/elementwise.js';
import type { GraphBuilder, SymbolicTensor } from '../../graph/graph-builder.js';
import type { GraphLayer } from '../../network-graph.js';

type Activation = (g: GraphBuilder, x: SymbolicTensor) => SymbolicTensor;

/** By Keras name. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: (_g, x) => x,
  relu,
  gelu,
  sigmoid,
  softmax,
  softplus,
  tanh,
};

/** Those that a layer may have. */
export const ACTIVATION_NAMES: readonly string[] = Object.keys(ACTIVATIONS);

export function applyActivation(g: GraphBuilder, layer: GraphLayer, x: SymbolicTensor): SymbolicTensor {
  const name = String(layer.config['activation']);
  const found = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (!found) {
    throw new Error(`${layer.name}: activation ${name} is not known; known are ${Object.keys(ACTIVATIONS).join(', ')}`);
  }
  return found(g, x);
}
