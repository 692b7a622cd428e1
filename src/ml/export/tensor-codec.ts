import type { StateTensor } from '../algorithms/algorithm.js';

/** A tensor inside JSON: raw little-endian IEEE 754 elements as base64, so that no bit is lost and none is added. */
export interface EncodedTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'float64';
  readonly data: string;
}

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function swapOnBigEndianHost(bytes: Buffer, elementBytes: 4 | 8): Buffer {
  if (hostIsLittleEndian) return bytes;
  return elementBytes === 4 ? bytes.swap32() : bytes.swap64();
}

export function encodeTensor(tensor: StateTensor): EncodedTensor {
  const { data } = tensor;
  const elementBytes = data.BYTES_PER_ELEMENT === 4 ? 4 : 8;
  const copy = Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return {
    shape: [...tensor.shape],
    dtype: elementBytes === 4 ? 'float32' : 'float64',
    data: swapOnBigEndianHost(copy, elementBytes).toString('base64'),
  };
}

/** Throws a plain error that names the fault; the caller knows which file it was. */
export function decodeTensor(encoded: unknown, name: string): StateTensor {
  if (!isEncodedTensor(encoded)) throw new Error(`tensor ${name} is not {shape, dtype, data}`);
  const elementBytes = encoded.dtype === 'float32' ? 4 : 8;
  const bytes = swapOnBigEndianHost(Buffer.from(encoded.data, 'base64'), elementBytes);
  const elements = encoded.shape.reduce((product, extent) => product * extent, 1);
  if (bytes.length !== elements * elementBytes) {
    throw new Error(
      `tensor ${name} has ${bytes.length} bytes; shape [${encoded.shape.join()}] of ${encoded.dtype} takes ` +
        `${elements * elementBytes}`,
    );
  }
  // A buffer of the pool is not aligned to its elements: copy into one that is.
  const aligned = new Uint8Array(bytes).buffer;
  return {
    shape: encoded.shape,
    data: encoded.dtype === 'float32' ? new Float32Array(aligned) : new Float64Array(aligned),
  };
}

function isEncodedTensor(value: unknown): value is EncodedTensor {
  if (typeof value !== 'object' || value === null) return false;
  const { shape, dtype, data } = value as Partial<Record<keyof EncodedTensor, unknown>>;
  return (
    Array.isArray(shape) &&
    shape.every((extent) => Number.isInteger(extent) && extent >= 0) &&
    (dtype === 'float32' || dtype === 'float64') &&
    typeof data === 'string'
  );
}
