import { isTrainyardError, TrainyardError } from '../../../common/errors/index.js';
import { networkGraph, type NetworkGraph } from '../../engine/network-graph.js';
import type { NetworkArchitecture, NetworkLayer } from '../../engine/network.js';
import { readArchitecture } from '../../export/keras-reader.js';
import { findMisfield, findMisshape } from './topology-fields.js';
import type { CoreShape, NetworkCore } from './network-core.js';

export const TOPOLOGY_PATH = 'algorithm.hyperparameters.topology';
export const MAXIMUM_CHARACTERS = 65_536;
const MAXIMUM_LAYERS = 64;
const MAXIMUM_WEIGHTS = 5_000_000;
/** Keeps a user's names apart from those of the layers around theirs. */
const PREFIX = 'own_';

type Json = Readonly<Record<string, unknown>>;

/**
 * A layer topology as Keras 3 writes it (`model.to_json()`: class name and config), Sequential or Functional with one
 * input and one output, of the layers that engines have. Shapes are not known yet: an input may leave its rows and columns
 * open, and a Sequential may have none. What training would do otherwise than Keras is refused, not passed over.
 *
 * `PARAMETER_INVALID` with what is wrong.
 */
export function readTopology(text: string): Json {
  if (text.length > MAXIMUM_CHARACTERS) {
    throw refused(`has ${text.length} characters, the limit is ${MAXIMUM_CHARACTERS}`, { limit: MAXIMUM_CHARACTERS });
  }
  const top = parse(text);
  const kind = top['class_name'];
  if (kind !== 'Sequential' && kind !== 'Functional') {
    throw refused(`has the class_name ${JSON.stringify(kind) ?? 'none'}: give "Sequential" or "Functional"`);
  }
  const entries = layersOf(top);
  const inputs = entries.filter(isInput);
  if (inputs.length > 1) throw refused(`has ${inputs.length} inputs: the window is the only one`);
  if (entries.length - inputs.length > MAXIMUM_LAYERS) {
    throw refused(`has ${entries.length - inputs.length} layers, the limit is ${MAXIMUM_LAYERS}`, {
      limit: MAXIMUM_LAYERS,
    });
  }
  if (entries.length === inputs.length) throw refused('has no layer between input and output');
  for (const entry of entries) if (!isInput(entry)) refuseUntrainable(entry);
  // Fields and kinds of layers; the rows and columns of the window are those of the data.
  architectureOf(top, [1, 1]);
  return top;
}

/**
 * The layers of a topology as the core of a network, from [lookBack, width] to [horizon, outputs]; an output of one vector
 * of horizon · outputs values is taken step by step. `PARAMETER_INVALID` with the shapes for one that does not fit.
 */
export function topologyCore(text: string, shape: CoreShape): NetworkCore {
  if (text.trim() === '') throw refused('is missing: give the layers as Keras writes them, model.to_json()');
  const { lookBack, width, horizon, outputs, window } = shape;
  const architecture = architectureOf(readTopology(text), [lookBack, width]);
  const [input] = architecture.inputs;
  if (input!.shape.join() !== [lookBack, width].join()) {
    throw refused(
      `reads [${input!.shape.join(', ')}], and the window has ${lookBack} rows of ${width} columns: give [null, ${lookBack}, ${width}], or leave the shape open`,
      { shape: input!.shape, expected: [lookBack, width] },
    );
  }
  const graph = graphOf(architecture);
  const weights = countWeights(graph);
  if (weights > MAXIMUM_WEIGHTS) {
    throw refused(`has ${weights} weights, the limit is ${MAXIMUM_WEIGHTS}`, { weights, limit: MAXIMUM_WEIGHTS });
  }
  const [output] = architecture.outputs;
  const made = graph.layers.find(({ name }) => name === output)!.outputShape;
  const isVector = made.join() === String(horizon * outputs);
  if (!isVector && made.join() !== [horizon, outputs].join()) {
    throw refused(
      `ends in the shape [${made.join(', ')}]: it must be [${horizon}, ${outputs}], windows.horizon by the values of a step (targets, times the values that the loss asks for of each), or [${horizon * outputs}]`,
      { shape: made, expected: [horizon, outputs] },
    );
  }
  const named = (source: string): string => (source === input!.name ? window : PREFIX + source);
  const layers = architecture.layers.map(({ from, name, ...layer }): NetworkLayer => ({
    ...layer,
    name: PREFIX + name,
    ...(from && { from: from.map(named) }),
  }));
  const steps: NetworkLayer = { type: 'Reshape', name: 'steps', config: { target_shape: [horizon, outputs] } };
  return { layers: isVector ? [...layers, steps] : layers };
}

function parse(text: string): Json {
  let top: unknown;
  try {
    top = JSON.parse(text);
  } catch (cause) {
    throw refused(`is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (typeof top !== 'object' || top === null) throw refused('is not a JSON object');
  return top as Json;
}

function layersOf(top: Json): readonly Json[] {
  const layers = (top['config'] as Json | undefined)?.['layers'];
  if (!Array.isArray(layers)) throw refused('has no config.layers');
  const strange = layers.findIndex(
    (layer: Json | null) => typeof layer?.['config'] !== 'object' || typeof layer['class_name'] !== 'string',
  );
  if (strange >= 0) throw refused(`config.layers[${strange}] has no class_name and config`);
  return layers as readonly Json[];
}

const isInput = (entry: Json): boolean => entry['class_name'] === 'InputLayer';

/** The architecture over a window of this shape, where the topology leaves it open. */
function architectureOf(top: Json, window: readonly [number, number]): NetworkArchitecture {
  const config = top['config'] as Json;
  const layers = layersOf(top).map((entry) => (isInput(entry) ? closed(entry, window) : entry));
  const hasInput = layers.some(isInput);
  if (!hasInput && top['class_name'] === 'Functional') throw refused('is Functional and has no InputLayer');
  const whole = hasInput
    ? layers
    : [{ class_name: 'InputLayer', config: { name: 'input', batch_shape: [null, ...window] } }, ...layers];
  const architecture = checked(() =>
    readArchitecture({ ...top, config: { name: 'topology', ...config, layers: whole } }),
  );
  for (const layer of architecture.layers) {
    const misfield = findMisfield(layer);
    if (misfield !== null) throw refused(`has a field that is not right: ${misfield}`);
  }
  const { outputs } = architecture;
  if (outputs.length !== 1) throw refused(`has ${outputs.length} outputs: the forecast is the only one`);
  const read = new Set(architecture.layers.flatMap(({ from }, at) => from ?? architecture.layers[at - 1]?.name ?? []));
  const idle = architecture.layers.find(({ name }) => name !== outputs[0] && !read.has(name));
  if (idle !== undefined) throw refused(`has a layer ${idle.name} that does not lead to the output`);
  if (read.has(outputs[0]!)) throw refused(`has layers behind its output ${outputs[0]!}`);
  return architecture;
}

function closed(entry: Json, window: readonly [number, number]): Json {
  const config = entry['config'] as Json;
  const shape = config['batch_shape'];
  if (!Array.isArray(shape) || shape.length !== 3) {
    throw refused(`has an input of the shape ${JSON.stringify(shape) ?? 'none'}: a window is [null, rows, columns]`);
  }
  const [, rows, columns] = shape as (number | null)[];
  return { ...entry, config: { ...config, batch_shape: [null, rows ?? window[0], columns ?? window[1]] } };
}

/** Of each weight, as Keras gives it by itself; a layer of our engines begins with these. */
const INITIALISERS: Readonly<Record<string, string>> = {
  kernel_initializer: 'GlorotUniform',
  recurrent_initializer: 'Orthogonal',
  bias_initializer: 'Zeros',
  beta_initializer: 'Zeros',
  gamma_initializer: 'Ones',
};

/** Fields that play no part in predicting, and one in training: other values than Keras' own would be passed over. */
function refuseUntrainable(entry: Json): void {
  const config = entry['config'] as Json;
  const name = String(config['name'] ?? entry['class_name']);
  const drop = entry['class_name'] === 'Dropout' ? [] : ['dropout', 'recurrent_dropout'];
  for (const [field, value] of Object.entries(config)) {
    const isPenalty = /_(regularizer|constraint)$/.test(field) && value !== null;
    const isFrozen = field === 'trainable' && value === false;
    const isDropped = drop.includes(field) && value !== 0;
    const isForgetful = field === 'unit_forget_bias' && value === false;
    const isShaped = field === 'noise_shape' && value !== null;
    const initialiser = initialiserOf(value);
    const isOther = Object.hasOwn(INITIALISERS, field) && ![null, INITIALISERS[field]].includes(initialiser);
    if (isPenalty || isFrozen || isDropped || isForgetful || isShaped || isOther) {
      throw refused(
        `has a layer ${name} with ${field} = ${JSON.stringify(value)}, which is not trained here: leave it out${isDropped ? ', and put a Dropout layer behind' : ''}`,
        { layer: name, field },
      );
    }
  }
  for (const field of ['layer', 'backward_layer']) {
    const inner = config[field];
    if (typeof inner === 'object' && inner !== null && typeof (inner as Json)['config'] === 'object') {
      refuseUntrainable(inner as Json);
    }
  }
}

/** `GlorotUniform` of an object or of `glorot_uniform`; null where none is given. */
function initialiserOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const name = typeof value === 'object' ? (value as Json)['class_name'] : value;
  if (typeof name !== 'string') return '';
  return name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function graphOf(architecture: NetworkArchitecture): NetworkGraph {
  const graph = checked(() => networkGraph(architecture));
  const misshape = findMisshape(graph);
  if (misshape !== null) throw refused(`does not fit together: ${misshape}`);
  return graph;
}

function countWeights({ layers }: NetworkGraph): number {
  return layers
    .flatMap(({ weights }) => weights)
    .reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);
}

/** What does not fit together is a fault of the topology here, and not a bug. */
function checked<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (isTrainyardError(cause, 'PARAMETER_INVALID')) throw cause;
    const reason = isTrainyardError(cause, 'MODEL_FILE_UNREADABLE') ? cause.details['reason'] : undefined;
    const message = typeof reason === 'string' ? reason : cause instanceof Error ? cause.message : String(cause);
    throw refused(`does not fit together: ${message}`);
  }
}

function refused(what: string, details: Record<string, unknown> = {}): TrainyardError {
  return new TrainyardError('PARAMETER_INVALID', `${TOPOLOGY_PATH} ${what}`, { path: TOPOLOGY_PATH, ...details });
}
