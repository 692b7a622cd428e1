import type { TableDefinition } from '../database/index.js';

/** Which pack holds a block. Written after the pack's bytes, so what is found here can be read. */
export interface FeatureBlockItem {
  /** The block's address. */
  readonly block: string;
  readonly pack: string;
}

export const FEATURE_BLOCK_TABLE: TableDefinition<FeatureBlockItem> = {
  name: 'feature-block',
  partitionKey: 'block',
  attributes: { block: 'string', pack: 'string' },
};

/**
 * A pack (`item` = `pack`), registered before its bytes are written so that a crash leaves nothing unlisted, and one
 * item for each feature set that has blocks in it (`item` = `set#…`).
 */
export interface FeaturePackItem {
  readonly pack: string;
  readonly item: string;
  /** On packs, always `all`: the partition of the list of everything. */
  readonly listing?: string;
  /** ISO 8601: written or read last. */
  readonly usedAt?: string;
  readonly bytes?: number;
  /** Addresses of its blocks. */
  readonly blocks?: readonly string[];
}

export const FEATURE_PACK_TABLE: TableDefinition<FeaturePackItem> = {
  name: 'feature-pack',
  partitionKey: 'pack',
  sortKey: 'item',
  attributes: {
    pack: 'string',
    item: 'string',
    listing: 'string',
    usedAt: 'string',
    bytes: 'number',
    blocks: 'json',
  },
  indexes: [{ name: 'byUse', partitionKey: 'listing', sortKey: 'usedAt' }],
};
