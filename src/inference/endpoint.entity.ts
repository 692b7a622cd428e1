import type { TableDefinition } from '../database/index.js';
import type { EndpointEvent, EndpointStatus } from './endpoint.js';

/** The endpoint (`item` = `head`) and the lines of its history (`item` = `activity#<id>`). */
export interface EndpointItem {
  readonly endpoint: string;
  readonly item: string;
  readonly createdAt: string;
  /** On heads. */
  readonly listing?: string;
  readonly status?: EndpointStatus;
  readonly model?: string;
  readonly modelVersion?: number;
  /** `model/version`: finds the endpoints that serve a model version. */
  readonly serves?: string;
  readonly idleMs?: number;
  readonly createdBy?: string;
  readonly lastUsedAt?: string;
  /** On activity. */
  readonly event?: EndpointEvent;
  readonly actor?: string;
  readonly reason?: string;
}

export const ENDPOINT_TABLE: TableDefinition<EndpointItem> = {
  name: 'model-endpoint',
  partitionKey: 'endpoint',
  sortKey: 'item',
  attributes: {
    endpoint: 'string',
    item: 'string',
    createdAt: 'string',
    listing: 'string',
    status: 'string',
    model: 'string',
    modelVersion: 'number',
    serves: 'string',
    idleMs: 'number',
    createdBy: 'string',
    lastUsedAt: 'string',
    event: 'string',
    actor: 'string',
    reason: 'string',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'createdAt' },
    { name: 'byModelVersion', partitionKey: 'serves', sortKey: 'createdAt' },
  ],
};
