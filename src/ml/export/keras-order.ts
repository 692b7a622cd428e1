import type { GraphLayer, NetworkGraph } from '../engine/network-graph.js';
import type { WeightSpecification } from '../engine/layers.js';

/** The parts of an attention layer are layers of their own, each with its variables. */
const ATTENTION_PARTS: Readonly<Record<string, string>> = {
  query: 'query_dense',
  key: 'key_dense',
  value: 'value_dense',
  output: 'output_dense',
};

/** The group below that of its layer which holds a weight: recurrent layers keep theirs in a cell. */
function variablesOf({ type }: GraphLayer, { name }: WeightSpecification): string {
  if (type === 'LSTM' || type === 'GRU') return 'cell/vars';
  if (type === 'Bidirectional') return `${name.startsWith('forward_') ? 'forward' : 'backward'}_layer/cell/vars`;
  if (type !== 'MultiHeadAttention') return 'vars';
  const [part] = name.split('_') as [string];
  return `${ATTENTION_PARTS[part]!}/vars`;
}

/**
 * Names of inputs and layers in the order in which Keras 3 numbers them, which decides the group that a layer's weights
 * are read from: by depth (the longest distance to an output, greatest first), ties in the order of a depth-first visit
 * from the outputs. Numbered in any other order, two layers of one class and shape load each other's weights without an
 * error. Source: `map_graph` in keras/src/ops/function.py, checked against Keras 3.15.
 */
export function kerasOrder({ inputs, layers, outputs }: NetworkGraph): string[] {
  const sources = new Map<string, readonly string[]>(inputs.map(({ name }) => [name, []]));
  for (const { name, from } of layers) sources.set(name, from);

  const visited = new Map<string, number>();
  const finished: string[] = [];
  const visit = (name: string): void => {
    if (visited.has(name)) return;
    visited.set(name, visited.size);
    for (const source of sources.get(name) ?? []) visit(source);
    finished.push(name);
  };
  outputs.forEach(visit);

  const depths = new Map<string, number>();
  for (const name of finished.reverse()) {
    const depth = depths.get(name) ?? 0;
    depths.set(name, depth);
    for (const source of sources.get(name) ?? []) depths.set(source, Math.max(depth + 1, depths.get(source) ?? 0));
  }
  // An input that leads nowhere is still an input of the model, at depth 0 and before everything visited.
  for (const { name } of inputs) if (!depths.has(name)) depths.set(name, 0);
  const loose = layers.find(({ name }) => !depths.has(name));
  if (loose) throw new Error(`layer ${loose.name} leads to no output`);
  return [...depths.keys()].sort(
    (a, b) => depths.get(b)! - depths.get(a)! || (visited.get(a) ?? -1) - (visited.get(b) ?? -1),
  );
}

/** `MultiHeadAttention` → `multi_head_attention`, `LSTM` → `lstm`, `Conv1D` → `conv1d`. */
function snakeCase(type: string): string {
  return type
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/**
 * The group in `model.weights.h5` of each layer: `layers/<class>` for the first of its class in Keras' order, then
 * `layers/<class>_1`, … The layer's own name plays no part.
 */
export function kerasGroups(graph: NetworkGraph): ReadonlyMap<string, string> {
  const types = new Map(graph.layers.map(({ name, type }) => [name, type]));
  const counts = new Map<string, number>();
  return new Map(
    kerasOrder(graph).map((name) => {
      const base = snakeCase(types.get(name) ?? 'InputLayer');
      const count = counts.get(base) ?? 0;
      counts.set(base, count + 1);
      return [name, `layers/${base}${count === 0 ? '' : `_${count}`}`];
    }),
  );
}

export interface KerasVariable {
  readonly layer: GraphLayer;
  readonly weight: WeightSpecification;
  /** Group of the variables that Keras numbers together, and the dataset of this one in it. */
  readonly group: string;
  readonly path: string;
}

/**
 * Where `model.weights.h5` keeps each weight, layers in Keras' order: numbered within its group in the order of the
 * layer's build.
 */
export function kerasVariables(graph: NetworkGraph): KerasVariable[] {
  const groups = kerasGroups(graph);
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  return [...groups].flatMap(([name, base]) => {
    const layer = layers.get(name);
    if (!layer) return [];
    const counts = new Map<string, number>();
    return layer.weights.map((weight) => {
      const group = `${base}/${variablesOf(layer, weight)}`;
      const at = counts.get(group) ?? 0;
      counts.set(group, at + 1);
      return { layer, weight, group, path: `${group}/${at}` };
    });
  });
}
