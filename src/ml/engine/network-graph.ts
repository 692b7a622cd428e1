import type { NetworkArchitecture, NetworkWeights } from './network.js';
import { completeConfig, LAYERS, type LayerConfig, type Shape, type WeightSpecification } from './layers.js';

/** A layer with every default filled in and its shapes known. */
export interface GraphLayer {
  readonly type: string;
  readonly name: string;
  readonly config: LayerConfig;
  readonly from: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  readonly weights: readonly WeightSpecification[];
  readonly trainable: boolean;
}

/** A checked architecture; layers in an order in which each comes after those it reads. */
export interface NetworkGraph {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly layers: readonly GraphLayer[];
  readonly outputs: readonly string[];
}

/**
 * Fills in defaults, checks names, fields and shapes. Architectures are made by our own code or read from a file that
 * the reader has checked, so a fault here is a bug and a plain error.
 */
export function networkGraph(architecture: NetworkArchitecture): NetworkGraph {
  const shapes = new Map<string, Shape>(architecture.inputs.map(({ name, shape }) => [name, shape]));
  let before = architecture.inputs[0]?.name;
  if (before === undefined) throw new Error(`network ${architecture.name} has no input`);
  const layers = architecture.layers.map((layer): GraphLayer => {
    const { type, name } = layer;
    if (shapes.has(name)) throw new Error(`two layers are named ${name}`);
    if (name === '' || name.includes('/')) throw new Error(`"${name}" is no layer name: empty, or with a "/"`);
    const definition = Object.hasOwn(LAYERS, type) ? LAYERS[type] : undefined;
    if (!definition) throw new Error(`layer ${name} is a ${type}; known are ${Object.keys(LAYERS).join(', ')}`);
    const config = completeConfig(type, layer.config);
    const from = layer.from ?? [before as string];
    if (!definition.merges && from.length !== 1) throw new Error(`${type} ${name} reads ${from.length} layers, not 1`);
    const inputShapes = from.map((source) => {
      const shape = shapes.get(source);
      if (!shape) throw new Error(`layer ${name} reads ${source}, which no layer before it is named`);
      return shape;
    });
    const compared = definition.joins ? inputShapes.map((shape) => shape.slice(0, -1)) : inputShapes;
    if (compared.some((shape) => shape.join() !== compared[0]!.join())) {
      throw new Error(`${type} ${name} merges shapes [${inputShapes.map((shape) => shape.join()).join('] and [')}]`);
    }
    const refusal = definition.refusal?.(config, inputShapes) ?? null;
    if (refusal !== null) throw new Error(`${type} ${name}: ${refusal}`);
    const outputShape = definition.outputShape(config, inputShapes);
    shapes.set(name, outputShape);
    before = name;
    return {
      type,
      name,
      config,
      from,
      inputShapes,
      outputShape,
      weights: definition.weights(config, inputShapes),
      trainable: config['trainable'] !== false,
    };
  });
  for (const output of architecture.outputs) {
    if (!shapes.has(output)) throw new Error(`output ${output} is not the name of a layer`);
  }
  return { name: architecture.name, inputs: architecture.inputs, layers, outputs: architecture.outputs };
}

/** Throws when a weight is missing, superfluous, wrongly shaped or not finite. */
export function checkWeights(graph: NetworkGraph, weights: NetworkWeights): void {
  for (const layer of graph.layers) {
    const given = weights[layer.name] ?? {};
    for (const { name, shape } of layer.weights) {
      const weight = given[name];
      if (!weight) throw new Error(`${layer.name}: weight ${name} is missing`);
      const elements = shape.reduce((product, extent) => product * extent, 1);
      if (weight.shape.join() !== shape.join() || weight.data.length !== elements) {
        throw new Error(`${layer.name}: weight ${name} has shape [${weight.shape.join()}], not [${shape.join()}]`);
      }
      if (!weight.data.every(Number.isFinite)) throw new Error(`${layer.name}: weight ${name} is not finite`);
    }
    const extra = Object.keys(given).find((name) => !layer.weights.some((weight) => weight.name === name));
    if (extra !== undefined) throw new Error(`${layer.name} has no weight ${extra}`);
  }
}
