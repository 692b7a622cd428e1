import type { TableDefinition } from '../database/index.js';
import type { Endpoint, EndpointStage, EndpointStatus, Shadow, Variant } from './endpoint.js';

/**
 * The endpoint itself (`item` = `head`), and one item (`item` = `serves#model/version`) for each version that it serves
 * besides that of its first variant: these are written with the head, once, and only say what is in use.
 */
export interface EndpointItem {
  readonly endpoint: string;
  readonly item: string;
  readonly createdAt: string;
  readonly model: string;
  readonly modelVersion: number;
  /** `model/version`: finds the endpoints that serve a model version. */
  readonly serves: string;
  /** On heads, like all that follows. */
  readonly listing?: string;
  readonly status?: EndpointStatus;
  readonly alias?: string;
  /** Absent: one, of the version and alias above. */
  readonly variants?: readonly Variant[];
  readonly shadow?: Shadow;
  /** Absent: staging. */
  readonly stage?: EndpointStage;
  readonly idleMs?: number;
  readonly keepWarm?: boolean;
  /** Absent: all predictions are stored. */
  readonly storedShare?: number;
  readonly createdBy?: string;
  readonly lastUsedAt?: string;
  readonly deletion?: NonNullable<Endpoint['deletion']>;
}

export const ENDPOINT_TABLE: TableDefinition<EndpointItem> = {
  name: 'model-endpoint',
  partitionKey: 'endpoint',
  sortKey: 'item',
  attributes: {
    endpoint: 'string',
    item: 'string',
    createdAt: 'string',
    model: 'string',
    modelVersion: 'number',
    serves: 'string',
    listing: 'string',
    status: 'string',
    alias: 'string',
    variants: 'json',
    shadow: 'json',
    stage: 'string',
    idleMs: 'number',
    keepWarm: 'boolean',
    storedShare: 'number',
    createdBy: 'string',
    lastUsedAt: 'string',
    deletion: 'json',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'createdAt' },
    { name: 'byModelVersion', partitionKey: 'serves', sortKey: 'createdAt' },
  ],
};
