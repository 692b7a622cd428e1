import { isTrainyardError, TrainyardError } from '../../common/errors/index.js';
import { findMisfield, findMisshape } from '../algorithms/neural/topology-fields.js';
import { networkGraph } from '../engine/network-graph.js';
import type { NetworkArchitecture, NetworkWeights } from '../engine/network.js';
import { readKeras } from '../export/keras-reader.js';
import { readOnnxStructure, type OnnxValue } from './onnx-structure.js';

export const MODEL_FILE_FORMATS = ['keras', 'onnx'] as const;

export type ModelFileFormat = (typeof MODEL_FILE_FORMATS)[number];

/** An end of an imported network; shapes with the batch axis, null where an axis may have any extent. */
export interface ModelFileEnd {
  readonly name: string;
  readonly type: 'float32' | 'float64';
  readonly shape: readonly (number | null)[];
}

/** What a model file holds, in short. */
export interface ModelFileSummary {
  readonly format: ModelFileFormat;
  readonly input: ModelFileEnd;
  readonly output: ModelFileEnd;
  readonly parameters: number;
  /** Keras: layers in their order. ONNX: operators by name. Each with how often it is used. */
  readonly parts: readonly { readonly type: string; readonly count: number }[];
  /** Who wrote it, in its own words: `Keras 3.15.1`, `pytorch 2.13`. */
  readonly producer: string;
  /** Of the standard operators of an ONNX file; null for Keras. */
  readonly operatorSet: number | null;
}

/** A model file read whole, checked, with nothing of it executed. */
export type ModelFile =
  | {
      readonly summary: ModelFileSummary;
      readonly network: { readonly architecture: NetworkArchitecture; readonly weights: NetworkWeights };
    }
  | { readonly summary: ModelFileSummary; readonly onnx: Uint8Array };

/** What a file may be, unpacked, for each byte that it has: weights hardly compress. */
const UNPACKED_FACTOR = 4;
const UNPACKED_FREE_BYTES = 8 * 1024 * 1024;
/** Values of one layer for one window: bounds the memory of a forecast. */
const MAXIMUM_LAYER_VALUES = 4_194_304;
const MAXIMUM_LAYERS = 1_000;
const ZIP = 'PK\x03\x04';
const HDF5 = '\x89HDF';
/** The version of the format, field 1, which every writer of ONNX files puts first. */
const ONNX = '\x08';
const FLOAT_TYPES: Readonly<Record<number, ModelFileEnd['type']>> = { 1: 'float32', 11: 'float64' };

/**
 * Reads a `.keras` file (Keras 3) of the layers in the layer table, or an ONNX model of standard operators, told apart by
 * their first bytes. One input and one output; a window is one row of the batch, which is the first axis.
 * `MODEL_FILE_UNREADABLE` with what is wrong, `LIMIT_EXCEEDED` for what is too large inside.
 */
export async function readModelFile(bytes: Uint8Array): Promise<ModelFile> {
  const mark = String.fromCharCode(...bytes.subarray(0, 4));
  if (mark === ZIP) return readKerasFile(bytes);
  if (mark === HDF5) throw unreadable('it is an HDF5 file of Keras 2: load it there and save it as model.keras');
  if (!mark.startsWith(ONNX)) throw unreadable('it is neither a .keras file nor an ONNX model');
  return readOnnxFile(bytes);
}

async function readKerasFile(bytes: Uint8Array): Promise<ModelFile> {
  const { architecture, weights, metadata } = await readKeras(
    bytes,
    Math.max(UNPACKED_FREE_BYTES, UNPACKED_FACTOR * bytes.length),
  );
  const { inputs, outputs, layers } = architecture;
  assertOne(
    'inputs',
    inputs.map(({ name }) => name),
  );
  assertOne('outputs', outputs);
  if (layers.length > MAXIMUM_LAYERS) {
    throw unreadable(`it has ${layers.length} layers, and may have ${MAXIMUM_LAYERS}`);
  }
  for (const layer of layers) refuse(findMisfield(layer));
  const graph = checked(() => networkGraph(architecture));
  refuse(findMisshape(graph));
  for (const { name, outputShape } of graph.layers) {
    const values = sizeOf(outputShape);
    if (values > MAXIMUM_LAYER_VALUES) {
      throw unreadable(`layer ${name} makes ${values} values of a window, and may make ${MAXIMUM_LAYER_VALUES}`);
    }
  }
  const made = graph.layers.find(({ name }) => name === outputs[0])?.outputShape ?? inputs[0]!.shape;
  const version = metadata['keras_version'];
  return {
    network: { architecture, weights },
    summary: {
      format: 'keras',
      input: { name: inputs[0]!.name, type: 'float32', shape: [null, ...inputs[0]!.shape] },
      output: { name: outputs[0]!, type: 'float32', shape: [null, ...made] },
      parameters: graph.layers.flatMap(({ weights: own }) => own).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      parts: counted(layers.map(({ type }) => type)),
      producer: typeof version === 'string' ? `Keras ${version.slice(0, 40)}` : 'Keras',
      operatorSet: null,
    },
  };
}

function readOnnxFile(bytes: Uint8Array): ModelFile {
  const { inputs, outputs, operators, parameters, producer, operatorSet } = checked(() => readOnnxStructure(bytes));
  assertOne(
    'inputs',
    inputs.map(({ name }) => name),
  );
  // Of several outputs, such as those of our own files, the forecast is the one that says so.
  const forecasts = outputs.length > 1 ? outputs.filter(({ name }) => name === 'forecast') : outputs;
  assertOne(
    'outputs',
    (forecasts.length === 1 ? forecasts : outputs).map(({ name }) => name),
  );
  return {
    onnx: bytes,
    summary: {
      format: 'onnx',
      input: endOf('input', inputs[0]!),
      output: endOf('output', forecasts[0]!),
      parameters,
      parts: Object.entries(operators).map(([type, count]) => ({ type, count })),
      producer: producer.slice(0, 80),
      operatorSet,
    },
  };
}

function endOf(which: 'input' | 'output', { name, elementType, shape }: OnnxValue): ModelFileEnd {
  const type = FLOAT_TYPES[elementType ?? -1];
  if (type === undefined) throw unreadable(`its ${which} ${name} is not a tensor of float32 or float64 numbers`);
  if (which === 'input' && (shape === null || shape.length < 2)) {
    throw unreadable(
      `its input ${name} has ${shape === null ? 'no shape' : `the shape [${shape.map((extent) => extent ?? '?').join(', ')}]`}: give it at least two axes, the batch and the window`,
    );
  }
  return { name, type, shape: shape ?? [] };
}

function assertOne(what: 'inputs' | 'outputs', names: readonly string[]): void {
  if (names.length === 1) return;
  const remedy = what === 'inputs' ? 'the window is the only one' : 'the forecast is the only one, or one of that name';
  throw unreadable(`it has ${names.length} ${what} (${names.slice(0, 5).join(', ')}), and ${remedy}`);
}

function counted(types: readonly string[]): ModelFileSummary['parts'] {
  return [...new Set(types)].map((type) => ({ type, count: types.filter((other) => other === type).length }));
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

function refuse(fault: string | null): void {
  if (fault !== null) throw unreadable(fault);
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
  return new TrainyardError('MODEL_FILE_UNREADABLE', `The file cannot be imported: ${reason}.`, { reason }, { cause });
}
