import { strFromU8 } from 'fflate';
import { isTrainyardError, TrainyardError } from '../../common/errors/index.js';
import { LAYERS, type LayerConfig } from '../engine/layers.js';
import { checkWeights, networkGraph, type NetworkGraph } from '../engine/network-graph.js';
import type { NetworkArchitecture, NetworkLayer, NetworkWeights, WeightTensor } from '../engine/network.js';
import { canonicalJson } from './canonical-json.js';
import { readHdf5 } from './hdf5-file.js';
import { kerasVariables } from './keras-order.js';
import { readZipFiles, ZipTooLarge } from './zip-files.js';

export interface KerasModel {
  readonly architecture: NetworkArchitecture;
  readonly weights: NetworkWeights;
  readonly metadata: Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;

const FILES = ['config.json', 'model.weights.h5', 'metadata.json'];
const GIBIBYTE = 1024 ** 3;

/**
 * Reads a `.keras` file (Keras v3), Sequential or Functional, of the layers in the layer table. What it does not know it
 * refuses by name with `MODEL_FILE_UNREADABLE`: a field that was passed over would be a model that predicts something
 * else. Compile settings, optimiser state, initialisers, regularisers and constraints play no part in predicting and are
 * left out. Nothing in the file is ever executed. `LIMIT_EXCEEDED` for one with more than `unpackedBytes` inside.
 */
export async function readKeras(bytes: Uint8Array, unpackedBytes = GIBIBYTE): Promise<KerasModel> {
  const files = unzip(bytes, unpackedBytes);
  const architecture = checked(() => readArchitecture(parse(files, 'config.json')));
  const metadata = files['metadata.json'] ? parse(files, 'metadata.json') : {};
  const graph = checked(() => networkGraph(architecture));
  const weights = await readWeights(graph, file(files, 'model.weights.h5'));
  checked(() => checkWeights(graph, weights));
  return { architecture, weights, metadata };
}

/** The architecture of a configuration as Keras writes it; `MODEL_FILE_UNREADABLE` for what it does not know. */
export function readArchitecture(top: Json): NetworkArchitecture {
  const kind = top['class_name'];
  if (kind !== 'Functional' && kind !== 'Sequential') throw unreadable(`its model class is ${String(kind)}`);
  const config = top['config'] as Json;
  const entries = config['layers'] as readonly Json[];
  const inputs = entries.filter(isInput).map((entry) => {
    const { name, batch_shape: shape } = entry['config'] as { name: string; batch_shape: readonly (number | null)[] };
    const known = shape.slice(1).filter((extent) => extent !== null);
    if (known.length !== shape.length - 1) {
      const shown = shape.map((extent) => extent ?? 'null').join(', ');
      throw unreadable(`input ${name} has an open shape [${shown}]: save it with the rows of its window`);
    }
    return { name, shape: known };
  });
  const layers = entries
    .filter((entry) => !isInput(entry))
    .map((entry) => readLayer(entry, kind === 'Functional' ? sources(entry) : null));
  const order = kind === 'Functional' ? ends(config['input_layers']) : inputs.map(({ name }) => name);
  return {
    name: String(config['name']),
    inputs: inputs.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
    layers: kind === 'Functional' ? inReadingOrder(layers, order) : layers,
    outputs: kind === 'Functional' ? ends(config['output_layers']) : layers.slice(-1).map(({ name }) => name),
  };
}

const isInput = (entry: Json): boolean => entry['class_name'] === 'InputLayer';

/** Fields without influence on what a loaded model predicts; no layer that we read makes a mask. */
const WITHOUT_INFLUENCE =
  /^(name|dtype|seed|unroll|unit_forget_bias|autocast|noise_shape|flash_attention|zero_output_for_mask|.*_(initializer|regularizer|constraint))$/;
/** Dropout inside a layer of these plays a part in training only. */
const DROPS_INSIDE = /^(LSTM|GRU|MultiHeadAttention)$/;
/** What an attention layer may be called with by name. */
const ATTENTION_TENSORS: readonly string[] = ['query', 'value', 'key'];
/** Keras writes some numbers as lists of one. */
const UNLISTED: Readonly<Record<string, readonly string[]>> = {
  Conv1D: ['kernel_size', 'strides', 'dilation_rate'],
  LayerNormalization: ['axis'],
};

/** Fields that we do not have and take only with the value that is ours. */
const ONLY: Readonly<Record<string, unknown>> = {
  stateful: false,
  return_state: false,
  data_format: 'channels_last',
  groups: 1,
  keepdims: false,
  rms_scaling: false,
  use_gate: false,
  lora_rank: null,
  quantization_config: null,
};

function readLayer(entry: Json, from: readonly string[] | null): NetworkLayer {
  const type = String(entry['class_name']);
  const given = entry['config'] as Json;
  const name = String(given['name']);
  const definition = Object.hasOwn(LAYERS, type) ? LAYERS[type] : undefined;
  if (type === 'Bidirectional') return readBidirectional(name, given, from);
  if (!definition) throw unreadable(`layer ${name} is a ${type}; known are ${Object.keys(LAYERS).join(', ')}`);
  const dtype = given['dtype'] as string | { config?: { name?: string } } | undefined;
  const dtypeName = typeof dtype === 'object' ? dtype.config?.name : dtype;
  if (dtypeName !== undefined && dtypeName !== 'float32') throw unreadable(`layer ${name} computes in ${dtypeName}`);
  const config: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(given)) {
    if (DROPS_INSIDE.test(type) && /^(recurrent_)?dropout$/.test(field)) continue;
    if (Object.hasOwn(definition.fields, field)) config[field] = unlisted(type, field, value);
    else if (field === 'value_dim' && value === given['key_dim']) continue;
    else if (field === 'attention_axes' && JSON.stringify(value) === '[1]') continue;
    else if (Object.hasOwn(ONLY, field)) {
      if (value !== ONLY[field]) throw unreadable(`layer ${name} has ${field} = ${JSON.stringify(value)}`);
    } else if (field !== 'trainable' && value !== null && !WITHOUT_INFLUENCE.test(field)) {
      throw unreadable(`layer ${name} has a field ${field}, which is not known of a ${type}`);
    }
  }
  const read = type === 'MultiHeadAttention' && from ? ofSelfAttention(name, from) : from;
  return read ? { type, name, config, from: read } : { type, name, config };
}

/** Both directions must have one configuration: a backward layer of its own would be another model. */
function readBidirectional(name: string, given: Json, from: readonly string[] | null): NetworkLayer {
  const recurrent = (field: string): { class_name: string; config: LayerConfig } => {
    const { type, config } = readLayer(given[field] as Json, null);
    return { class_name: type, config };
  };
  const layer = recurrent('layer');
  if (given['backward_layer'] !== undefined && given['backward_layer'] !== null) {
    const backward = recurrent('backward_layer');
    const expected = { ...layer, config: { ...layer.config, go_backwards: true } };
    if (canonicalJson(backward) !== canonicalJson(expected)) {
      throw unreadable(`layer ${name} has a backward layer that differs from its forward layer`);
    }
  }
  const read = { type: 'Bidirectional', name, config: { layer, merge_mode: given['merge_mode'] } };
  return from ? { ...read, from } : read;
}

function unlisted(type: string, field: string, value: unknown): unknown {
  const isList = Array.isArray(value) && value.length === 1 && UNLISTED[type]?.includes(field) === true;
  return isList ? (value as readonly unknown[])[0] : value;
}

/** Query, value and, if given, key are all the same layer. */
function ofSelfAttention(name: string, from: readonly string[]): readonly string[] {
  const others = from.filter((source) => source !== from[0]);
  if (others.length > 0) throw unreadable(`layer ${name} attends to ${others[0]} instead of to itself`);
  return from.slice(0, 1);
}

/** Names of the layers that a functional entry reads. */
function sources(entry: Json): string[] {
  const nodes = entry['inbound_nodes'] as readonly { args: unknown; kwargs?: Json }[];
  const [node] = nodes;
  if (!node || nodes.length > 1) throw unreadable(`layer ${String(entry['name'])} is used ${nodes.length} times`);
  const found: string[] = [];
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(collect);
    const history = (value as { config?: { keras_history?: unknown } } | null)?.config?.keras_history;
    if (!Array.isArray(history)) throw unreadable(`layer ${String(entry['name'])} reads something else than a layer`);
    found.push(String(history[0]));
  };
  collect(node.args);
  const isAttention = entry['class_name'] === 'MultiHeadAttention';
  const [tensors, options] = partition(node.kwargs ?? {}, (name) => isAttention && ATTENTION_TENSORS.includes(name));
  tensors.forEach(([, value]) => collect(value));
  const call = options.find(([, value]) => value !== false);
  if (call) throw unreadable(`layer ${String(entry['name'])} is called with ${call[0]}`);
  return found;
}

type Entries = readonly (readonly [string, unknown])[];

function partition(fields: Json, isFirst: (name: string) => boolean): readonly [Entries, Entries] {
  const entries = Object.entries(fields).filter(([, value]) => value !== null);
  return [entries.filter(([name]) => isFirst(name)), entries.filter(([name]) => !isFirst(name))];
}

/** Keras may list layers in any order; ours each come after what they read. */
function inReadingOrder(layers: readonly NetworkLayer[], inputs: readonly string[]): NetworkLayer[] {
  const known = new Set(inputs);
  const ordered: NetworkLayer[] = [];
  let rest = layers;
  while (rest.length > 0) {
    const ready = rest.filter((layer) => layer.from!.every((source) => known.has(source)));
    if (ready.length === 0) throw unreadable(`layer ${rest[0]!.name} reads a layer that is not there`);
    for (const layer of ready) known.add(layer.name);
    ordered.push(...ready);
    rest = rest.filter((layer) => !known.has(layer.name));
  }
  return ordered;
}

/** `["x", 0, 0]`, `[["x", 0, 0], …]` or an object of those. */
function ends(value: unknown): string[] {
  if (Array.isArray(value)) return typeof value[0] === 'string' ? [value[0]] : value.flatMap(ends);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(ends);
  throw unreadable('it does not name its inputs and outputs');
}

async function readWeights(graph: NetworkGraph, bytes: Uint8Array): Promise<NetworkWeights> {
  const variables = kerasVariables(graph);
  const datasets = await readHdf5(
    bytes,
    variables.map(({ path }) => path),
  ).catch((cause: unknown) => {
    throw unreadable('model.weights.h5 is not an HDF5 file', cause);
  });
  const weights: Record<string, Record<string, WeightTensor>> = {};
  variables.forEach(({ layer, weight, path }, at) => {
    const dataset = datasets[at];
    if (!dataset) throw unreadable(`model.weights.h5 has no float32 dataset ${path} for ${layer.name}/${weight.name}`);
    (weights[layer.name] ??= {})[weight.name] = { shape: dataset.shape, data: dataset.data };
  });
  return weights;
}

type Files = Readonly<Record<string, Uint8Array>>;

function unzip(bytes: Uint8Array, unpackedBytes: number): Files {
  try {
    return readZipFiles(bytes, FILES, unpackedBytes);
  } catch (cause) {
    if (!(cause instanceof ZipTooLarge))
      throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
    throw new TrainyardError(
      'LIMIT_EXCEEDED',
      `The .keras file has ${cause.bytes} bytes unpacked, and may have ${unpackedBytes}: save a smaller model`,
      { what: 'unpacked bytes', value: cause.bytes, limit: unpackedBytes },
      { cause },
    );
  }
}

function file(files: Files, name: string): Uint8Array {
  const found = files[name];
  if (!found) throw unreadable(`there is no ${name} in the archive`);
  return found;
}

function parse(files: Files, name: string): Json {
  try {
    return JSON.parse(strFromU8(file(files, name))) as Json;
  } catch (cause) {
    throw cause instanceof SyntaxError ? unreadable(`${name} is not JSON`, cause) : cause;
  }
}

/** What does not fit together is a fault of the file here, and not a bug. */
function checked<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (isTrainyardError(cause)) throw cause;
    throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unreadable(reason: string, cause?: unknown): TrainyardError {
  return new TrainyardError(
    'MODEL_FILE_UNREADABLE',
    `The .keras file cannot be read: ${reason}.`,
    { reason },
    { cause },
  );
}
