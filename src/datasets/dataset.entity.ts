import type { TableDefinition } from '../database/index.js';
import type { DatasetRecord } from './dataset.js';
import type { ChunkForm } from './storage/chunk.js';

/**
 * A dataset's versions, told apart by the sort key `item`: `newest` holds the newest version whole, and its conditional
 * write, after everything it points to, is what makes a version visible; `v0000000007` holds an older one, copied from
 * `newest` before that is replaced, and immutable. Only `newest` carries `listed` and so is in the index.
 */
export interface DatasetItem extends Omit<DatasetRecord, 'version'> {
  readonly item: string;
  readonly listed?: string;
  /** `version` counts the writes of an item. */
  readonly datasetVersion: number;
}

export const DATASET_TABLE: TableDefinition<DatasetItem> = {
  name: 'dataset',
  partitionKey: 'datasetId',
  sortKey: 'item',
  attributes: {
    datasetId: 'string',
    item: 'string',
    listed: 'string',
    name: 'string',
    description: 'string',
    datasetVersion: 'number',
    generation: 'string',
    contentHash: 'string',
    assetCount: 'number',
    rows: 'number',
    start: 'number',
    end: 'number',
    options: 'json',
    reading: 'json',
    createdAt: 'string',
    versionCreatedAt: 'string',
    createdBy: 'string',
  },
  indexes: [
    { name: 'listed', partitionKey: 'listed', sortKey: 'datasetId' },
    { name: 'content', partitionKey: 'contentHash', sortKey: 'datasetId' },
  ],
};

/** One asset of one dataset version. */
export interface AssetItem {
  readonly generation: string;
  readonly asset: string;
  readonly datasetId: string;
  readonly datasetVersion: number;
  readonly assetClass?: string;
  readonly description?: string;
  /** ISO, for people; `start` and `end` are the same in milliseconds. */
  readonly startDate: string;
  readonly endDate: string;
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  readonly missingRows?: number;
  readonly columns: readonly string[];
  readonly manifestHash: string;
  readonly manifestChunks: readonly string[];
  readonly summaryChunks: readonly string[];
}

export const ASSET_TABLE: TableDefinition<AssetItem> = {
  name: 'asset-metadata',
  partitionKey: 'generation',
  sortKey: 'asset',
  attributes: {
    generation: 'string',
    asset: 'string',
    datasetId: 'string',
    datasetVersion: 'number',
    assetClass: 'string',
    description: 'string',
    startDate: 'string',
    endDate: 'string',
    start: 'number',
    end: 'number',
    rows: 'number',
    missingRows: 'number',
    columns: 'json',
    manifestHash: 'string',
    manifestChunks: 'json',
    summaryChunks: 'json',
  },
};

/** Content-addressed within a dataset, so its versions share chunks and deleting it concerns no other dataset. */
export interface ChunkItem {
  readonly datasetId: string;
  readonly hash: string;
  readonly form: ChunkForm;
  /** Base64. */
  readonly content: string;
  /** Who wrote it last: the sweep of an abandoned import leaves what others wrote alone. */
  readonly generation: string;
}

export const CHUNK_TABLE: TableDefinition<ChunkItem> = {
  name: 'dataset-chunk',
  partitionKey: 'datasetId',
  sortKey: 'hash',
  attributes: { datasetId: 'string', hash: 'string', form: 'string', content: 'string', generation: 'string' },
};

/**
 * `kind: pending`: an import, append or deletion under way, by generation; what a crash leaves behind is found here.
 * `kind: key`: which dataset a request with an idempotency key creates, by the hash of the key.
 */
export interface ImportItem {
  readonly kind: 'pending' | 'key';
  readonly id: string;
  readonly datasetId: string;
  readonly generation: string;
  readonly fingerprint?: string;
  /** Milliseconds UTC; a pending entry is renewed while its process lives. */
  readonly beatAt: number;
}

export const IMPORT_TABLE: TableDefinition<ImportItem> = {
  name: 'dataset-import',
  partitionKey: 'kind',
  sortKey: 'id',
  attributes: {
    kind: 'string',
    id: 'string',
    datasetId: 'string',
    generation: 'string',
    fingerprint: 'string',
    beatAt: 'number',
  },
};
