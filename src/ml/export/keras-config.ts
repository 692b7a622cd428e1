import { LAYERS, wrappedLayer } from '../engine/layers.js';
import type { GraphLayer, NetworkGraph } from '../engine/network-graph.js';
import { kerasOrder } from './keras-order.js';

type Json = Readonly<Record<string, unknown>>;

/** `config.json` of a functional model, with every field written out: a changed Keras default does no harm. */
export function kerasConfig(graph: NetworkGraph): Json {
  const inputs = new Map(graph.inputs.map((input) => [input.name, input]));
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const shapes = new Map([
    ...graph.inputs.map(({ name, shape }) => [name, shape] as const),
    ...graph.layers.map(({ name, outputShape }) => [name, outputShape] as const),
  ]);
  const entries = kerasOrder(graph).map((name) => {
    const input = inputs.get(name);
    return input === undefined ? layerEntry(layers.get(name)!, shapes) : inputEntry(name, input.shape);
  });
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: graph.name,
      trainable: true,
      layers: entries,
      input_layers: ends(graph.inputs.map(({ name }) => name)),
      output_layers: ends(graph.outputs),
    },
    registered_name: 'Functional',
  };
}

/** One end is written flat: the nested form loads, and then warns on every call. */
function ends(names: readonly string[]): unknown[] {
  const references = names.map((name) => [name, 0, 0]);
  return references.length === 1 ? references[0]! : references;
}

function inputEntry(name: string, shape: readonly number[]): Json {
  return {
    ...entry('InputLayer', { batch_shape: [null, ...shape], dtype: 'float32', name }),
    name,
    inbound_nodes: [],
  };
}

function layerEntry(layer: GraphLayer, shapes: ReadonlyMap<string, readonly number[]>): Json {
  const tensors = layer.from.map((source) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, ...(shapes.get(source) ?? [])], dtype: 'float32', keras_history: [source, 0, 0] },
  }));
  // Without a dtype the loading user's global policy would apply.
  const config = { name: layer.name, dtype: 'float32', ...layer.config, ...wrapped(layer) };
  const args = callArguments(layer, tensors);
  return { ...entry(layer.type, config), name: layer.name, inbound_nodes: [{ args, kwargs: {} }] };
}

/** The layer inside a wrapper is written like any other; the one that goes backwards follows from it. */
function wrapped({ type, name, config }: GraphLayer): Json {
  if (type !== 'Bidirectional') return {};
  const inner = wrappedLayer(config);
  return { layer: entry(inner.type, { name: `${name}_inner`, dtype: 'float32', ...inner.config }) };
}

/** A merging layer is called with one list; self-attention with its input as query and as value, which is the key, too. */
function callArguments({ type }: GraphLayer, tensors: readonly Json[]): readonly unknown[] {
  if (LAYERS[type]?.merges) return [tensors];
  return type === 'MultiHeadAttention' ? [tensors[0], tensors[0]] : tensors;
}

function entry(className: string, config: Json): Json {
  return { module: 'keras.layers', class_name: className, config, registered_name: null };
}
