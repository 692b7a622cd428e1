import * as tf from '@tensorflow/tfjs-core';
import type { GraphLayer, NetworkGraph } from '../network-graph.js';
import { LAYER_OPERATIONS, type LayerPass } from './layer-operations.js';

/** Tensors by `layer/weight`. */
export type WeightTensors = Readonly<Record<string, tf.Tensor>>;

export interface NetworkPass {
  /** Of the first output layer, [rows, …shape]. */
  readonly output: tf.Tensor;
  /** Gradients of all trained weights. */
  backward(dOutput: tf.Tensor): WeightTensors;
}

/**
 * Runs a network forward and keeps what it takes to go back. `masks` are those of the dropout layers, none outside
 * training. Everything lives until the surrounding tidy ends. */
export function networkPass(
  graph: NetworkGraph,
  inputs: readonly tf.Tensor[],
  weights: WeightTensors,
  masks: Readonly<Record<string, tf.Tensor>>,
): NetworkPass {
  const values = new Map(graph.inputs.map(({ name }, at) => [name, inputs[at]!]));
  const passes = graph.layers.map((layer): LayerPass => {
    const operation = LAYER_OPERATIONS[layer.type];
    if (!operation) throw new Error(`the engine tfjs does not compute ${layer.type}`);
    const own = Object.fromEntries(layer.weights.map(({ name }) => [name, weights[`${layer.name}/${name}`]!]));
    const pass = operation(
      layer,
      layer.from.map((source) => values.get(source)!),
      own,
      masks[layer.name] ?? null,
    );
    values.set(layer.name, pass.output);
    return pass;
  });
  const last = graph.outputs[0]!;
  return { output: values.get(last)!, backward: (dOutput) => backward(graph, passes, last, dOutput) };
}

function backward(graph: NetworkGraph, passes: readonly LayerPass[], last: string, dOutput: tf.Tensor): WeightTensors {
  const trained = layersWithTrainedPast(graph);
  const gradients = new Map<string, tf.Tensor>([[last, dOutput]]);
  const ofWeights: Record<string, tf.Tensor> = {};
  for (let at = graph.layers.length - 1; at >= 0; at--) {
    const layer = graph.layers[at]!;
    const gradient = gradients.get(layer.name);
    if (!gradient || !trained.has(layer.name)) continue;
    const wantsInputs = layer.from.some((source) => trained.has(source));
    const { inputs, weights } = passes[at]!.backward(gradient, wantsInputs);
    if (layer.trainable) {
      for (const [name, tensor] of Object.entries(weights)) ofWeights[`${layer.name}/${name}`] = tensor;
    }
    if (!wantsInputs) continue;
    layer.from.forEach((source, n) => {
      const before = gradients.get(source);
      gradients.set(source, before ? tf.add(before, inputs[n]!) : inputs[n]!);
    });
  }
  return ofWeights;
}

/** Layers that are trained, or that read one that is: those a gradient must reach. */
function layersWithTrainedPast(graph: NetworkGraph): ReadonlySet<string> {
  const found = new Set<string>();
  const isTrained = (layer: GraphLayer): boolean => layer.trainable && layer.weights.length > 0;
  for (const layer of graph.layers) {
    if (isTrained(layer) || layer.from.some((source) => found.has(source))) found.add(layer.name);
  }
  return found;
}
