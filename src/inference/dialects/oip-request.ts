import type { ForecastOptions } from '../forecast-options.js';
import type { ForecastSignature } from '../forecast-signature.js';
import { outputsOf, type WantedOutput } from './oip-outputs.js';
import { TensorReader, type InputTensor } from './oip-tensors.js';
import { arrayAt, malformed, objectAt, parseJson, textOf, wrong } from './read-body.js';
import type { SentRows } from './sent-rows.js';

/** The tensor of all assets at once, a column each in the model's order. */
export const MATRIX_INPUT = 'inputs';
export const TIMES = 'times';

export interface OipRequest {
  readonly id: string | undefined;
  /** One a batch row. */
  readonly windows: readonly SentRows[];
  readonly outputs: readonly WantedOutput[];
  readonly options: ForecastOptions;
}

/** `headerLength`: bytes of the JSON where binary data follows it; null: the body is all JSON. */
export function readOipRequest(
  body: Uint8Array,
  headerLength: number | null,
  signature: ForecastSignature,
): OipRequest {
  const end = headerLength ?? body.byteLength;
  if (end > body.byteLength) {
    throw malformed(`Inference-Header-Content-Length is ${end}; the body has ${body.byteLength} bytes`);
  }
  const request = objectAt(parseJson(textOf(body.subarray(0, end))), 'body', ['id', 'parameters', 'inputs', 'outputs']);
  const { id } = request;
  if (id !== undefined && (typeof id !== 'string' || id.length > 64)) {
    throw wrong('id', id, 'must be a text of at most 64 characters');
  }
  const reader = new TensorReader(body.subarray(end));
  const tensors = arrayAt(request.inputs, 'inputs').map((value, at) => reader.read(value, `inputs[${at}]`));
  reader.end();
  const outputs = readOutputs(request.outputs, binaryOutput(request.parameters), signature);
  const available = outputsOf(signature);
  const levels = outputs.flatMap(({ name }) => available.find((output) => output.name === name)?.level ?? []);
  return {
    id,
    windows: windowsOf(tensors, signature),
    outputs,
    options: levels.length === 0 ? {} : { quantiles: [...new Set(levels)] },
  };
}

function readOutputs(value: unknown, isBinary: boolean, signature: ForecastSignature): WantedOutput[] {
  const names = outputsOf(signature).map(({ name }) => name);
  if (value === undefined) return names.map((name) => ({ name, isBinary }));
  return arrayAt(value, 'outputs').map((item, at) => {
    const { name, parameters } = objectAt(item, `outputs[${at}]`, ['name', 'parameters']);
    if (typeof name !== 'string' || !names.includes(name)) {
      throw wrong(`outputs[${at}].name`, name, `the model gives ${names.join(', ')}`);
    }
    const own = flagOf(parameters, 'binary_data');
    return { name, isBinary: own ?? isBinary };
  });
}

function binaryOutput(parameters: unknown): boolean {
  return flagOf(parameters, 'binary_data_output') ?? false;
}

function flagOf(parameters: unknown, name: string): boolean | null {
  const value: unknown =
    typeof parameters === 'object' && parameters !== null ? (parameters as Record<string, unknown>)[name] : undefined;
  return typeof value === 'boolean' ? value : null;
}

/** The rows of each batch row. */
function windowsOf(tensors: readonly InputTensor[], { assets }: ForecastSignature): SentRows[] {
  const columns = tensors.flatMap((tensor): Column[] => {
    if (assets.includes(tensor.name)) return [columnOf(tensor, tensor.name, false)];
    if (tensor.name === TIMES) return [columnOf(tensor, null, true)];
    if (tensor.name === MATRIX_INPUT) return columnsOfMatrix(tensor, assets);
    throw wrong(
      `inputs.${tensor.name}`,
      tensor.shape,
      `the model takes ${assets.join(', ')}, ${MATRIX_INPUT}, ${TIMES}`,
    );
  });
  const twice = columns.find(({ asset }, at) => columns.findIndex((other) => other.asset === asset) !== at);
  if (twice !== undefined) throw wrong(`inputs.${twice.asset ?? TIMES}`, null, 'is given twice');
  const batch = Math.max(0, ...columns.map(({ rows }) => rows.length));
  const odd = columns.find(({ asset, rows }) => rows.length !== batch && !(asset === null && rows.length === 1));
  if (odd !== undefined) {
    throw wrong(
      `inputs.${odd.asset ?? TIMES}`,
      odd.rows.length,
      `has a batch of ${odd.rows.length}; others have ${batch}`,
    );
  }
  const times = columns.find(({ asset }) => asset === null)?.rows;
  return Array.from({ length: batch }, (_, row) => ({
    times: times === undefined ? null : ((times[row] ?? times[0]) as readonly string[]),
    series: Object.fromEntries(
      columns.flatMap(({ asset, rows }) => (asset === null ? [] : [[asset, rows[row] as readonly (number | null)[]]])),
    ),
  }));
}

interface Column {
  /** Null: times. */
  readonly asset: string | null;
  /** One list of values a batch row. */
  readonly rows: readonly (readonly unknown[])[];
}

/** [rows] or [batch, rows]. */
function columnOf({ name, shape, values, isText }: InputTensor, asset: string | null, needsText: boolean): Column {
  if (isText !== needsText) throw wrong(`inputs.${name}`, null, needsText ? 'must be BYTES' : 'must be FP64 or FP32');
  const [batch, rows] = shape.length === 1 ? [1, shape[0]!] : shape;
  if (shape.length > 2 || rows === undefined || batch === undefined) {
    throw wrong(`inputs.${name}.shape`, shape, 'must be [rows] or [batch, rows]');
  }
  return { asset, rows: Array.from({ length: batch }, (_, row) => values.slice(row * rows, (row + 1) * rows)) };
}

/** [rows, assets] or [batch, rows, assets]. */
function columnsOfMatrix({ shape, values, isText }: InputTensor, assets: readonly string[]): Column[] {
  if (isText) throw wrong(`inputs.${MATRIX_INPUT}`, null, 'must be FP64 or FP32');
  const [batch, rows, width] = shape.length === 2 ? [1, shape[0]!, shape[1]!] : shape;
  if (shape.length > 3 || batch === undefined || rows === undefined || width !== assets.length) {
    throw wrong(
      `inputs.${MATRIX_INPUT}.shape`,
      shape,
      `must be [rows, ${assets.length}] or [batch, rows, ${assets.length}], a column for each of ${assets.join(', ')}`,
    );
  }
  return assets.map((asset, column) => ({
    asset,
    rows: Array.from({ length: batch }, (_, one) =>
      Array.from({ length: rows }, (_row, row) => values[(one * rows + row) * width + column]),
    ),
  }));
}
