import { integersOf, protobufFields, textOf, type ProtobufField } from './protobuf-reader.js';

/** What an ONNX file says of itself, read without running any of it. Field numbers are those of onnx.proto3. */
export interface OnnxStructure {
  /** Of the standard operators; null where the file does not say. */
  readonly operatorSet: number | null;
  readonly producer: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** How often each operator is used, those in the bodies of others included. */
  readonly operators: Readonly<Record<string, number>>;
  /** Floating-point numbers among the initialisers. */
  readonly parameters: number;
}

export interface OnnxValue {
  readonly name: string;
  /** A number of `TensorProto.DataType`; null for what is no tensor. */
  readonly elementType: number | null;
  /** Null: of any rank. An axis of any extent is null. */
  readonly shape: readonly (number | null)[] | null;
}

interface Tally {
  readonly operators: Map<string, number>;
  readonly initialised: Set<string>;
  parameters: number;
}

const FLOAT = 1;
const FLOAT16 = 10;
const DOUBLE = 11;
/** Bytes of an element, by `TensorProto.DataType`; others may have any. */
const BYTES: Readonly<Record<number, number>> = {
  [FLOAT]: 4,
  2: 1,
  3: 1,
  4: 2,
  5: 2,
  6: 4,
  7: 8,
  9: 1,
  [FLOAT16]: 2,
  [DOUBLE]: 8,
  12: 4,
  13: 8,
  16: 2,
};
const STANDARD_DOMAINS: readonly string[] = ['', 'ai.onnx', 'ai.onnx.ml'];
/** What gives other numbers each time, or may never end: nothing of that can be scored, reproduced or served. */
const REFUSED_OPERATORS: Readonly<Record<string, string>> = {
  RandomNormal: 'gives other numbers each time',
  RandomNormalLike: 'gives other numbers each time',
  RandomUniform: 'gives other numbers each time',
  RandomUniformLike: 'gives other numbers each time',
  Multinomial: 'gives other numbers each time',
  Bernoulli: 'gives other numbers each time',
  Loop: 'may never end; Scan is taken',
};
const MAXIMUM_DEPTH = 16;
const EXTERNAL = 1;

/** Plain errors that say what is wrong, in words that continue "the file cannot be imported: ". */
export function readOnnxStructure(bytes: Uint8Array): OnnxStructure {
  let operatorSet: number | null = null;
  const producer: string[] = [];
  let graph: Uint8Array | null = null;
  for (const field of protobufFields(bytes)) {
    if (field.number === 2 || field.number === 3) producer.push(textOf(field));
    else if (field.number === 7) graph = field.bytes;
    else if (field.number === 8) operatorSet = readOperatorSet(field.bytes) ?? operatorSet;
    else if (field.number === 25) throw new Error('it defines functions of its own: inline them before saving');
  }
  if (graph === null) throw new Error('it is no ONNX model: it has no graph');
  const tally: Tally = { operators: new Map(), initialised: new Set(), parameters: 0 };
  const { inputs, outputs } = readGraph(graph, tally, 0);
  return {
    operatorSet,
    producer: producer.join(' ').trim(),
    // Older files list initialisers among the inputs.
    inputs: inputs.filter(({ name }) => !tally.initialised.has(name)),
    outputs,
    operators: Object.fromEntries([...tally.operators].sort(([one], [other]) => (one < other ? -1 : 1))),
    parameters: tally.parameters,
  };
}

/** Of the standard operators; null for another domain, which a node of it would be refused for. */
function readOperatorSet(message: Uint8Array): number | null {
  let domain = '';
  let version = 0;
  for (const field of protobufFields(message)) {
    if (field.number === 1) domain = textOf(field);
    else if (field.number === 2) version = Number(field.integer);
  }
  return domain === '' || domain === 'ai.onnx' ? version : null;
}

function readGraph(message: Uint8Array, tally: Tally, depth: number): { inputs: OnnxValue[]; outputs: OnnxValue[] } {
  if (depth > MAXIMUM_DEPTH) throw new Error(`it has graphs within graphs, more than ${MAXIMUM_DEPTH} deep`);
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  for (const field of protobufFields(message)) {
    if (field.number === 1) readNode(field.bytes, tally, depth);
    else if (field.number === 5) readTensor(field.bytes, depth === 0 ? tally : null);
    else if (field.number === 15) throw new Error('it has sparse initialisers: save it with dense ones');
    else if (field.number === 11) inputs.push(readValue(field.bytes));
    else if (field.number === 12) outputs.push(readValue(field.bytes));
  }
  return { inputs, outputs };
}

function readNode(message: Uint8Array, tally: Tally, depth: number): void {
  let [operator, domain] = ['', ''];
  const attributes: Uint8Array[] = [];
  for (const field of protobufFields(message)) {
    if (field.number === 4) operator = textOf(field);
    else if (field.number === 7) domain = textOf(field);
    else if (field.number === 5) attributes.push(field.bytes);
  }
  if (!STANDARD_DOMAINS.includes(domain)) {
    throw new Error(`it uses ${operator} of ${domain}: only operators of ONNX itself (ai.onnx, ai.onnx.ml) are taken`);
  }
  const refusal = Object.hasOwn(REFUSED_OPERATORS, operator) ? REFUSED_OPERATORS[operator] : undefined;
  if (refusal !== undefined) throw new Error(`it uses ${operator}, which ${refusal}`);
  tally.operators.set(operator, (tally.operators.get(operator) ?? 0) + 1);
  for (const attribute of attributes) {
    for (const field of protobufFields(attribute)) {
      if (field.number === 5 || field.number === 10) readTensor(field.bytes, null);
      else if (field.number === 6 || field.number === 11) readGraph(field.bytes, tally, depth + 1);
    }
  }
}

/** Checks a tensor; with a tally it counts as an initialiser. */
function readTensor(message: Uint8Array, tally: Tally | null): void {
  const dims: number[] = [];
  let name = '';
  let type = 0;
  let raw: Uint8Array | null = null;
  let floats: ProtobufField[] = [];
  for (const field of protobufFields(message)) {
    if (field.number === 1) dims.push(...integersOf(field));
    else if (field.number === 2) type = Number(field.integer);
    else if (field.number === 8) name = textOf(field);
    else if (field.number === 9) raw = field.bytes;
    else if (field.number === 4 || field.number === 10) floats = [...floats, field];
    else if (field.number === 13 || (field.number === 14 && Number(field.integer) === EXTERNAL)) {
      throw new Error(`the weights ${name} lie in another file: save the model as one file, without external data`);
    }
  }
  const elements = dims.reduce((product, extent) => product * extent, 1);
  if (dims.some((extent) => extent < 0)) throw new Error(`the weights ${name} have the shape [${dims.join(', ')}]`);
  const width = BYTES[type];
  if (raw !== null && width !== undefined && raw.length !== elements * width) {
    throw new Error(
      `the weights ${name} have ${raw.length} bytes, and their shape [${dims.join(', ')}] needs ${elements * width}`,
    );
  }
  const isFloating = type === FLOAT || type === DOUBLE;
  if (
    isFloating &&
    [...(raw === null ? [] : [raw]), ...floats.map(({ bytes }) => bytes)].some((part) => hasNaN(part, type))
  ) {
    throw new Error(`the weights ${name} are not all numbers (NaN)`);
  }
  if (tally === null) return;
  tally.initialised.add(name);
  if (isFloating || type === FLOAT16) tally.parameters += elements;
}

function hasNaN(bytes: Uint8Array, type: number): boolean {
  // A copy is aligned.
  const { buffer, byteLength } = bytes.slice();
  const width = type === FLOAT ? 4 : 8;
  const count = Math.floor(byteLength / width);
  const values = type === FLOAT ? new Float32Array(buffer, 0, count) : new Float64Array(buffer, 0, count);
  return values.some(Number.isNaN);
}

function readValue(message: Uint8Array): OnnxValue {
  let name = '';
  let tensor: Uint8Array | null = null;
  for (const field of protobufFields(message)) {
    if (field.number === 1) name = textOf(field);
    else if (field.number === 2) {
      for (const type of protobufFields(field.bytes)) if (type.number === 1) tensor = type.bytes;
    }
  }
  if (tensor === null) return { name, elementType: null, shape: null };
  let elementType = 0;
  let shape: (number | null)[] | null = null;
  for (const field of protobufFields(tensor)) {
    if (field.number === 1) elementType = Number(field.integer);
    else if (field.number === 2) {
      shape = [...protobufFields(field.bytes)]
        .filter(({ number }) => number === 1)
        .map(({ bytes }) => readExtent(bytes));
    }
  }
  return { name, elementType, shape };
}

/** Null for an extent that is a name, or is left open. */
function readExtent(message: Uint8Array): number | null {
  for (const field of protobufFields(message)) {
    if (field.number === 1) return Number(field.integer) > 0 ? Number(field.integer) : null;
  }
  return null;
}
