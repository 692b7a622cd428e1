import type { TableDefinition } from '../database/index.js';
import type { StoredModelFile } from './model-file.js';

/** The file itself (`item` = `file`), and one item for each execution that uses it (`item` = `usage#exe_…`). */
export interface ModelFileItem {
  readonly sha256: string;
  readonly item: string;
  /** On files: always `all`, the partition of the list. */
  readonly listing?: string;
  /** On files: `{uploadedAt}#{sha256}`. */
  readonly position?: string;
  readonly file?: StoredModelFile;
  /** On files: the name of the artifact that holds the bytes, another one for each upload. */
  readonly generation?: string;
  /** On files: when an execution last began to use it; its version then changes, and a deletion under way fails. */
  readonly usedAt?: string;
  /** On usages. */
  readonly executionId?: string;
}

export const MODEL_FILE_TABLE: TableDefinition<ModelFileItem> = {
  name: 'model-file',
  partitionKey: 'sha256',
  sortKey: 'item',
  attributes: {
    sha256: 'string',
    item: 'string',
    listing: 'string',
    position: 'string',
    file: 'json',
    generation: 'string',
    usedAt: 'string',
    executionId: 'string',
  },
  indexes: [{ name: 'byListing', partitionKey: 'listing', sortKey: 'position' }],
};
