import type { TableDefinition } from '../database/index.js';
import type { BatchForecast, BatchRequest, BatchStatus } from './batch-forecast.js';

export interface BatchItem {
  readonly batchId: string;
  readonly listing: string;
  readonly createdAt: string;
  readonly status: BatchStatus;
  /** While it has not ended: puts it among what is to be done. */
  readonly open?: string;
  /** Until then its process is taken for alive. */
  readonly leaseUntil?: string;
  readonly request: BatchRequest;
  readonly counts?: BatchForecast['counts'];
  readonly firstSkipped?: BatchForecast['firstSkipped'];
  readonly rows?: number;
  readonly blocks?: number;
  readonly error?: BatchForecast['error'];
  readonly interruptions: number;
  readonly createdBy: string;
  readonly finishedAt?: string;
}

export const BATCH_TABLE: TableDefinition<BatchItem> = {
  name: 'batch-forecast',
  partitionKey: 'batchId',
  attributes: {
    batchId: 'string',
    listing: 'string',
    createdAt: 'string',
    status: 'string',
    open: 'string',
    leaseUntil: 'string',
    request: 'json',
    counts: 'json',
    firstSkipped: 'json',
    rows: 'number',
    blocks: 'number',
    error: 'json',
    interruptions: 'number',
    createdBy: 'string',
    finishedAt: 'string',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'createdAt' },
    { name: 'byOpen', partitionKey: 'open', sortKey: 'createdAt' },
  ],
};
