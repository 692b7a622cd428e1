import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compressors, decompressZstd, type Compressors } from 'hyparquet-compressors';
import { TrainyardError } from '../../common/errors/index.js';

/** A page is a megabyte as a rule, and the smallest part of a file that has to be decompressed at once. */
const PAGE_BYTES = 64 * 1024 * 1024;

type Decompress = (input: Uint8Array, outputLength: number) => Uint8Array;

/** Decompressors that write no more than the page says that it has, and none that says that it has more than the limit. */
export class BoundedDecompressors {
  readonly byCodec: Compressors = {
    SNAPPY: bounded((input, length) => decompress('SNAPPY', input, length)),
    GZIP: bounded((input, length) => gunzipSync(input, { maxOutputLength: length })),
    BROTLI: bounded((input, length) => brotliDecompressSync(input, { maxOutputLength: length })),
    ZSTD: bounded((input, length) => decompressZstd(input, new Uint8Array(length))),
    LZ4: bounded((input, length) => decompress('LZ4', input, length)),
    LZ4_RAW: bounded((input, length) => decompress('LZ4_RAW', input, length)),
  };
}

function decompress(codec: 'SNAPPY' | 'LZ4' | 'LZ4_RAW', input: Uint8Array, length: number): Uint8Array {
  const work = compressors[codec];
  if (work === undefined) throw new Error(`no decompressor for ${codec}`);
  return work(input, length);
}

function bounded(work: Decompress): Decompress {
  return (input, length) => {
    // A page of nothing but nulls: LZ4 writes one byte for it, which the library takes for a damaged block.
    if (length === 0) return new Uint8Array(0);
    if (length <= PAGE_BYTES) return work(input, length);
    throw new TrainyardError(
      'LIMIT_EXCEEDED',
      `a page of the Parquet file has ${length} bytes and may have ${PAGE_BYTES}: write it with smaller pages`,
      { what: 'page bytes', value: length, limit: PAGE_BYTES },
    );
  };
}
