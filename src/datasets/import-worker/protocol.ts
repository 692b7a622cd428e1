import type { EncodedError } from '../../common/errors/index.js';
import type { CsvLimits, CsvOptions, CsvReading } from '../csv/csv-options.js';
import type { Chunk } from '../storage/chunk.js';
import type { BaseAsset, EncodedAsset } from '../storage/encode-asset.js';

/** What the import worker starts with. */
export interface ImportWorkerData {
  readonly options: CsvOptions;
  readonly limits: CsvLimits;
}

/** Host to worker: `bytes` until `end`, then one `encode`, then a `stored` for each chunk. */
export type ImportRequest =
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

/** What the host needs to know of the file before it is stored; the numbers stay in the worker. */
export interface ParsedFile {
  readonly reading: CsvReading;
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
