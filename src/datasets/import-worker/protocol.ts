import type { EncodedError } from '../../common/errors/index.js';
import type { FileReading } from '../rows/reading.js';
import type { Chunk } from '../storage/chunk.js';
import type { BaseAsset, EncodedAsset } from '../storage/encode-asset.js';
import type { FileToImport } from './file-import.js';

/** Host to worker: for each file `file` and its `bytes`; then `end`, one `encode`, and a `stored` for each chunk. */
export type ImportRequest =
  | { readonly type: 'file'; readonly file: FileToImport }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'end' }
  | { readonly type: 'encode'; readonly bases: readonly BaseAsset[] }
  | { readonly type: 'stored'; readonly bytes: number };

/** Worker to host: a `taken` for each `bytes`, one `parsed`, chunks, one `encoded`; or `failed`, and nothing after it. */
export type ImportResponse =
  | { readonly type: 'taken' }
  | { readonly type: 'parsed'; readonly parsed: ParsedFile }
  | { readonly type: 'chunk'; readonly chunk: Chunk }
  | { readonly type: 'encoded'; readonly assets: readonly EncodedAsset[] }
  | { readonly type: 'failed'; readonly error: EncodedError };

/** What the host needs to know of the files before they are stored; the numbers stay in the worker. */
export interface ParsedFile {
  readonly reading: FileReading;
  readonly assets: readonly ParsedFileAsset[];
}

export interface ParsedFileAsset {
  readonly id: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly start: number;
}

/** Bytes of chunks that may be on their way to the database: bounds memory, and keeps the database busy. */
export const CHUNK_BYTES_IN_FLIGHT = 2 * 1024 * 1024;
