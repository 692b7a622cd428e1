import { TrainyardError } from '../../common/errors/index.js';
import type { ModelState, StateTensor, TrainingCheckpoint } from '../algorithms/algorithm.js';
import { canonicalJson } from './canonical-json.js';
import { decodeTensor, encodeTensor } from './tensor-codec.js';

/**
 * Model states and checkpoints as bytes: canonical JSON in UTF-8, tensors as little-endian base64 with their dtype.
 * Equal states give equal bytes, and `decode(encode(state))` gives back every bit.
 */
export function encodeModelState(state: ModelState): Uint8Array {
  return encode(state);
}

/** `ARTIFACT_CORRUPT` when the bytes are not a model state of a format that this version knows. */
export function decodeModelState(bytes: Uint8Array): ModelState {
  const state = decode(bytes, 'model state', ['algorithm', 'hyperparameters', 'lookBack', 'horizon', 'facts']);
  if (state['format'] !== 1) {
    throw corrupt('model state', `its format is ${String(state['format'])}; this version reads format 1`);
  }
  return state as unknown as ModelState;
}

export function encodeCheckpoint(checkpoint: TrainingCheckpoint): Uint8Array {
  return encode(checkpoint);
}

/** `ARTIFACT_CORRUPT` when the bytes are not a checkpoint. */
export function decodeCheckpoint(bytes: Uint8Array): TrainingCheckpoint {
  return decode(bytes, 'checkpoint', ['epoch', 'facts']) as unknown as TrainingCheckpoint;
}

function encode(document: ModelState | TrainingCheckpoint): Uint8Array {
  return new TextEncoder().encode(canonicalJson(writable(document)));
}

/** With the tensors of the document, and of models inside it, as text. */
function writable(document: ModelState | TrainingCheckpoint): object {
  const tensors = Object.fromEntries(
    Object.entries(document.tensors).map(([name, tensor]) => [name, encodeTensor(tensor)]),
  );
  if ('values' in document && document.values !== undefined) {
    return { ...document, tensors, values: writable(document.values) };
  }
  if ('onnx' in document && document.onnx !== undefined) {
    return { ...document, tensors, onnx: Buffer.from(document.onnx).toString('base64') };
  }
  if (!('ensemble' in document) || document.ensemble === undefined) return { ...document, tensors };
  const { ensemble } = document;
  const members = ensemble.members.map((member) => ({ ...member, model: writable(member.model) }));
  return { ...document, tensors, ensemble: { ...ensemble, members } };
}

function decode(bytes: Uint8Array, what: string, required: readonly string[]): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt(what, 'it is not JSON in UTF-8', cause);
  }
  if (typeof parsed !== 'object' || parsed === null) throw corrupt(what, 'it is not a JSON object');
  return readable(parsed as Record<string, unknown>, what, required);
}

function readable(
  document: Record<string, unknown>,
  what: string,
  required: readonly string[],
): Record<string, unknown> {
  const missing = [...required, 'tensors'].filter((field) => document[field] === undefined);
  if (missing.length > 0) throw corrupt(what, `it lacks ${missing.join(', ')}`);
  const tensors: Record<string, StateTensor> = {};
  try {
    for (const [name, tensor] of Object.entries(document['tensors'] as Record<string, unknown>)) {
      tensors[name] = decodeTensor(tensor, name);
    }
  } catch (cause) {
    throw corrupt(what, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const { onnx, values } = document;
  if (typeof values === 'object' && values !== null) {
    const inner = readable(values as Record<string, unknown>, `model of values in a ${what}`, required);
    return { ...document, tensors, values: inner };
  }
  if (typeof onnx === 'string') return { ...document, tensors, onnx: Uint8Array.from(Buffer.from(onnx, 'base64')) };
  const ensemble = document['ensemble'] as { members?: unknown } | undefined;
  if (ensemble === undefined) return { ...document, tensors };
  if (!Array.isArray(ensemble.members)) throw corrupt(what, 'its ensemble has no list of members');
  const members = ensemble.members.map((member: { model?: Record<string, unknown> }, at) => ({
    ...member,
    model: readable(member.model ?? {}, `member ${at + 1} of a ${what}`, required),
  }));
  return { ...document, tensors, ensemble: { ...ensemble, members } };
}

function corrupt(what: string, fault: string, cause?: unknown): TrainyardError {
  return new TrainyardError('ARTIFACT_CORRUPT', `These bytes are not a ${what}: ${fault}.`, { what, fault }, { cause });
}
