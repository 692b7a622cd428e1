import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * How the bytes of a chunk are stored. `plain` for values; `shuffled` (byte k of all numbers together, then deflate) for
 * times, measured on a million rows: times shrink 17-fold, prices to 81 %, volumes to 51 % at ten times the work of
 * hashing them, which would double the time of an import.
 */
export type ChunkForm = 'plain' | 'shuffled';

/** Content-addressed: `hash` is the SHA-256 of the canonical bytes, whatever the form they are stored in. */
export interface Chunk {
  readonly hash: string;
  readonly form: ChunkForm;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Numbers per chunk: 262,144 characters of base64, well below the item limit. Part of the format: it shapes hashes. */
export const CHUNK_NUMBERS = 24_576;

const NUMBER_BYTES = 8;
export const CHUNK_BYTES = CHUNK_NUMBERS * NUMBER_BYTES;

export function encodeNumbers(values: Float64Array, form: ChunkForm): Chunk {
  const canonical = littleEndian(values);
  const bytes = form === 'plain' ? canonical : deflateRawSync(transpose(canonical, NUMBER_BYTES), { level: 1 });
  return { hash: sha256(canonical), form, bytes: new Uint8Array(bytes) };
}

/** Null when the bytes are not those that the hash names. */
export function decodeNumbers(chunk: Chunk): Float64Array | null {
  const canonical = decodeBytes(chunk);
  if (canonical === null || canonical.length % NUMBER_BYTES !== 0) return null;
  const values = new Float64Array(canonical.length / NUMBER_BYTES);
  const target = new Uint8Array(values.buffer);
  target.set(canonical);
  if (endianness() === 'BE') Buffer.from(values.buffer).swap64();
  return values;
}

/** Any bytes as chunks, for the JSON documents beside the numbers. */
export function encodeBytes(content: Uint8Array): Chunk[] {
  const chunks: Chunk[] = [];
  for (let start = 0; start === 0 || start < content.length; start += CHUNK_BYTES) {
    const bytes = new Uint8Array(content.subarray(start, start + CHUNK_BYTES));
    chunks.push({ hash: sha256(bytes), form: 'plain', bytes });
  }
  return chunks;
}

/** Null when the bytes are not those that the hash names. */
export function decodeBytes({ hash, form, bytes }: Chunk): Uint8Array | null {
  const canonical = form === 'plain' ? bytes : inflate(bytes);
  return canonical !== null && sha256(canonical) === hash ? canonical : null;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function littleEndian(values: Float64Array): Uint8Array {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return endianness() === 'BE' ? Buffer.from(bytes).swap64() : bytes;
}

function inflate(bytes: Uint8Array): Uint8Array | null {
  try {
    const shuffled = inflateRawSync(bytes, { maxOutputLength: CHUNK_BYTES });
    return shuffled.length % NUMBER_BYTES === 0 ? transpose(shuffled, shuffled.length / NUMBER_BYTES) : null;
  } catch {
    return null;
  }
}

/** Transposes a matrix of bytes with `width` columns; its own inverse with the width of the other side. */
function transpose(bytes: Uint8Array, width: number): Uint8Array {
  const height = bytes.length / width;
  const result = new Uint8Array(bytes.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      result[column * height + row] = bytes[row * width + column] ?? 0;
    }
  }
  return result;
}
