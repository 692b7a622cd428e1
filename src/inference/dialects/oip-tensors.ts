import { arrayAt, malformed, objectAt, wrong } from './read-body.js';

/** Name of a tensor's element type that is read: doubles, floats, and texts. */
const DATATYPES = ['FP64', 'FP32', 'BYTES'] as const;
type Datatype = (typeof DATATYPES)[number];

/** An input as it came: numbers are null where one is missing. */
export interface InputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: readonly (number | null)[] | readonly string[];
  readonly isText: boolean;
}

export interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[] | readonly string[];
}

const WIDTHS = { FP64: 8, FP32: 4 } as const;
const TEXT_LENGTH_BYTES = 4;

/** Reads the inputs of a request, in order: binary data of the extension stands behind the JSON, one after the other. */
export class TensorReader {
  private at = 0;

  constructor(private readonly binary: Uint8Array) {}

  read(value: unknown, path: string): InputTensor {
    const tensor = objectAt(value, path, ['name', 'shape', 'datatype', 'parameters', 'data']);
    const { name, datatype } = tensor;
    if (typeof name !== 'string' || name === '') throw wrong(`${path}.name`, name, 'must be a text');
    if (!isDatatype(datatype)) throw wrong(`${path}.datatype`, datatype, `must be among ${DATATYPES.join(', ')}`);
    const shape = readShape(tensor.shape, `${path}.shape`);
    const size = binarySize(tensor.parameters, `${path}.parameters`);
    const values =
      size === null ? readData(tensor.data, datatype, `${path}.data`) : this.readBinary(size, datatype, path);
    const count = shape.reduce((product, length) => product * length, 1);
    if (values.length !== count) {
      throw wrong(
        `${path}.data`,
        values.length,
        `has ${values.length} elements; shape [${shape.join(', ')}] has ${count}`,
      );
    }
    return { name, shape, values, isText: datatype === 'BYTES' };
  }

  /** After the last input nothing may be left. */
  end(): void {
    const left = this.binary.byteLength - this.at;
    if (left > 0) throw malformed(`${left} bytes follow the last input: binary_data_size does not cover them`);
  }

  private readBinary(size: number, datatype: Datatype, path: string): (number | null)[] | string[] {
    if (this.at + size > this.binary.byteLength) {
      throw malformed(`${path} has a binary_data_size of ${size}; ${this.binary.byteLength - this.at} bytes are left`);
    }
    const view = new DataView(this.binary.buffer, this.binary.byteOffset + this.at, size);
    this.at += size;
    if (datatype === 'BYTES') return readTexts(view, path);
    const width = WIDTHS[datatype];
    if (size % width !== 0) throw malformed(`${path} has ${size} bytes, no multiple of ${width} for ${datatype}`);
    return Array.from({ length: size / width }, (_, at) => {
      const number = datatype === 'FP64' ? view.getFloat64(at * width, true) : view.getFloat32(at * width, true);
      return finiteOrMissing(number, `${path}.data[${at}]`);
    });
  }
}

/** A tensor as little-endian bytes, as the binary tensor data extension lays it out. */
export function bytesOfTensor({ values }: OutputTensor): Uint8Array {
  if (values.every((value) => typeof value === 'number')) return new Uint8Array(Float64Array.from(values).buffer);
  return Buffer.concat(
    values.flatMap((value) => {
      const text = Buffer.from(String(value));
      const length = Buffer.alloc(TEXT_LENGTH_BYTES);
      length.writeUInt32LE(text.byteLength);
      return [length, text];
    }),
  );
}

export function datatypeOf({ values }: OutputTensor): Datatype {
  return typeof values[0] === 'string' ? 'BYTES' : 'FP64';
}

function isDatatype(value: unknown): value is Datatype {
  return (DATATYPES as readonly unknown[]).includes(value);
}

function readShape(value: unknown, path: string): number[] {
  // None is 0: the product of the others is bounded by the data only then.
  return arrayAt(value, path).map((length, at) => {
    if (typeof length === 'number' && Number.isInteger(length) && length >= 1) return length;
    throw wrong(`${path}[${at}]`, length, 'must be a whole number, 1 or more');
  });
}

function binarySize(parameters: unknown, path: string): number | null {
  if (typeof parameters !== 'object' || parameters === null || !('binary_data_size' in parameters)) return null;
  const size = parameters.binary_data_size;
  if (typeof size === 'number' && Number.isInteger(size) && size >= 0) return size;
  throw wrong(`${path}.binary_data_size`, size, 'must be a whole number, 0 or more');
}

/** JSON data is flat or nested as the shape says; both are read. */
function readData(value: unknown, datatype: Datatype, path: string): (number | null)[] | string[] {
  const flat = arrayAt(value, path).flat<readonly unknown[], 2>(2);
  if (datatype === 'BYTES') {
    return flat.map((item, at) => {
      if (typeof item === 'string') return item;
      throw wrong(`${path}[${at}]`, item, 'must be a text');
    });
  }
  return flat.map((item, at) => {
    if (item === null || item === 'NaN') return null;
    if (typeof item === 'number') return finiteOrMissing(item, `${path}[${at}]`);
    throw wrong(`${path}[${at}]`, item, 'must be a number, or null where one is missing');
  });
}

function finiteOrMissing(value: number, path: string): number | null {
  if (Number.isNaN(value)) return null;
  if (Number.isFinite(value)) return value;
  throw wrong(path, value, 'must be finite, or NaN where it is missing');
}

function readTexts(view: DataView, path: string): string[] {
  const texts: string[] = [];
  let at = 0;
  while (at < view.byteLength) {
    const length = at + TEXT_LENGTH_BYTES <= view.byteLength ? view.getUint32(at, true) : Infinity;
    at += TEXT_LENGTH_BYTES;
    if (at + length > view.byteLength) throw malformed(`${path}: a text goes beyond the tensor's bytes`);
    texts.push(new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length)));
    at += length;
  }
  return texts;
}
