import type { GraphBuilder, SymbolicTensor } from '../graph/graph-builder.js';
import type { NetworkGraph } from '../network-graph.js';
import { LAYER_LOWERINGS } from './layers/layer-lowerings.js';

export interface LoweringInputs {
  /** One for each input of the network, [rows, …shape]. */
  readonly inputs: readonly SymbolicTensor[];
  /** By `layer/weight`. */
  readonly weights: Readonly<Record<string, SymbolicTensor>>;
  /** By dropout layer; empty outside training. */
  readonly masks: Readonly<Record<string, SymbolicTensor>>;
}

/** Writes a network into a graph; gives the values of its first output layer, [rows, …shape]. */
export function lowerNetwork(g: GraphBuilder, network: NetworkGraph, given: LoweringInputs): SymbolicTensor {
  const values = new Map(network.inputs.map(({ name }, at) => [name, given.inputs[at]!]));
  for (const layer of network.layers) {
    const lowering = Object.hasOwn(LAYER_LOWERINGS, layer.type) ? LAYER_LOWERINGS[layer.type] : undefined;
    if (!lowering) throw new Error(`the engine onnx does not compute ${layer.type}`);
    const weights = Object.fromEntries(
      layer.weights.map(({ name }) => [name, given.weights[`${layer.name}/${name}`]!]),
    );
    const output = lowering(
      g,
      layer,
      layer.from.map((source) => values.get(source)!),
      { weights, mask: given.masks[layer.name] ?? null },
    );
    const expected = [output.shape[0], ...layer.outputShape].join();
    if (output.shape.join() !== expected) {
      throw new Error(`${layer.type} ${layer.name} has shape [${output.shape.join()}], not [${expected}]`);
    }
    values.set(layer.name, output);
  }
  return values.get(network.outputs[0]!)!;
}
