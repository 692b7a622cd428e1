import type { TableDefinition } from '../database/index.js';
import type { EndpointStage, EndpointStatus } from './endpoint.js';

export interface EndpointItem {
  readonly endpoint: string;
  readonly item: string;
  readonly createdAt: string;
  readonly listing: string;
  readonly status: EndpointStatus;
  readonly model: string;
  readonly modelVersion: number;
  /** `model/version`: finds the endpoints that serve a model version. */
  readonly serves: string;
  readonly alias?: string;
  /** Absent: staging. */
  readonly stage?: EndpointStage;
  readonly idleMs?: number;
  readonly createdBy?: string;
  readonly lastUsedAt?: string;
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
    alias: 'string',
    stage: 'string',
    idleMs: 'number',
    createdBy: 'string',
    lastUsedAt: 'string',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'createdAt' },
    { name: 'byModelVersion', partitionKey: 'serves', sortKey: 'createdAt' },
  ],
};
