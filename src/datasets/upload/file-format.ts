import { TrainyardError } from '../../common/errors/index.js';

export const FILE_FORMATS = ['csv', 'json', 'json-lines', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export const UPLOAD_FORMATS = [...FILE_FORMATS, 'zip'] as const;
/** `zip` holds files of the other formats. */
export type UploadFormat = (typeof UPLOAD_FORMATS)[number];

const BY_EXTENSION: Readonly<Record<string, UploadFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  json: 'json',
  jsonl: 'json-lines',
  ndjson: 'json-lines',
  parquet: 'parquet',
  pq: 'parquet',
  zip: 'zip',
};

const BY_CONTENT_TYPE: Readonly<Record<string, UploadFormat>> = {
  'text/csv': 'csv',
  'application/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/json': 'json',
  'text/json': 'json',
  'application/x-ndjson': 'json-lines',
  'application/ndjson': 'json-lines',
  'application/jsonl': 'json-lines',
  'application/jsonlines': 'json-lines',
  'application/vnd.apache.parquet': 'parquet',
  'application/x-parquet': 'parquet',
  'application/parquet': 'parquet',
  'application/zip': 'zip',
  'application/x-zip-compressed': 'zip',
};

/** Content types that say nothing of the format: the name, then the first bytes decide. */
const UNTOLD_TYPES = ['text/plain', 'application/octet-stream'];

/** Content types that a request may have. */
export const UPLOAD_TYPES: readonly string[] = [...Object.keys(BY_CONTENT_TYPE), ...UNTOLD_TYPES];

export const contentTypeFormat = (contentType: string): UploadFormat | null => BY_CONTENT_TYPE[contentType] ?? null;

/** By the extension of the name; null when it has none that is known. */
export function extensionFormat(name: string): UploadFormat | null {
  const extension = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase();
  return extension === undefined ? null : (BY_EXTENSION[extension] ?? null);
}

/** By the first bytes: Parquet and zip files carry their marks, everything else is taken for CSV. */
export function signatureFormat(head: Uint8Array): UploadFormat {
  const mark = Buffer.from(head.subarray(0, 4)).toString('latin1');
  return mark === 'PAR1' ? 'parquet' : mark === 'PK\x03\x04' || mark === 'PK\x05\x06' ? 'zip' : 'csv';
}

/** The asset that a file is of: its name without folders and extension. `DATASET_FORMAT_INVALID` when nothing is left. */
export function assetOfFile(name: string): string {
  const asset = (name.split(/[\\/]/).at(-1) ?? '').replace(/\.[A-Za-z0-9]+$/, '').trim();
  // Control characters would end up in ids, file names and logs.
  // eslint-disable-next-line no-control-regex
  if (asset !== '' && asset !== '..' && asset.length <= 128 && !/[\u0000-\u001f\u007f]/.test(asset)) return asset;
  throw new TrainyardError(
    'DATASET_FORMAT_INVALID',
    `the file "${name.slice(0, 140)}" must be named after its asset, with 1 to 128 printable characters before the extension: rename it`,
    { file: name.slice(0, 300) },
  );
}
