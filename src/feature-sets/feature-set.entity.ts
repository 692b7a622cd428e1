import type { TableDefinition } from '../database/index.js';
import type { FeatureSet, FeatureSetColumn, FeatureSetUsage } from './feature-set.js';

/**
 * Everything of one feature set under its hash: `set` (written last, the set exists with it), `columns#{generation}#n`
 * (some hundred columns each), `plan#{generation}#n`, `dataset#{id}` (datasets with these rows), `usage#{execution}`.
 */
export interface FeatureSetItem {
  readonly hash: string;
  readonly item: string;
  /** On sets, always `all`: the partition of the list of everything. */
  readonly listing?: string;
  /** On sets and datasets, `{createdAt}#{hash}`: the order of every list. */
  readonly position?: string;
  /** On sets: what sets have in common whose rows may continue each other, see `featureLineage`. */
  readonly lineage?: string;
  readonly set?: FeatureSet;
  /** On sets: names the columns that belong to it, so that a set that is made again while it is removed stays whole. */
  readonly generation?: string;
  /** On sets: the packs that hold its blocks. */
  readonly packs?: readonly string[];
  readonly columns?: readonly FeatureSetColumn[];
  /** A part of the processing plan: gzipped JSON, base64. */
  readonly plan?: string;
  readonly datasetId?: string;
  /** The version that the rows are of. */
  readonly datasetVersion?: number;
  readonly executionId?: string;
  readonly usage?: FeatureSetUsage;
}

export const FEATURE_SET_TABLE: TableDefinition<FeatureSetItem> = {
  name: 'feature-set',
  partitionKey: 'hash',
  sortKey: 'item',
  attributes: {
    hash: 'string',
    item: 'string',
    listing: 'string',
    position: 'string',
    lineage: 'string',
    set: 'json',
    generation: 'string',
    packs: 'json',
    columns: 'json',
    plan: 'string',
    datasetId: 'string',
    datasetVersion: 'number',
    executionId: 'string',
    usage: 'json',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'position' },
    { name: 'byLineage', partitionKey: 'lineage', sortKey: 'position' },
    { name: 'byDataset', partitionKey: 'datasetId', sortKey: 'position' },
    { name: 'byExecution', partitionKey: 'executionId', sortKey: 'hash' },
  ],
};
