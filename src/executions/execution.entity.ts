import type { TableDefinition } from '../database/index.js';
import type { Activity, FrozenRequest, LogLevel } from './execution.js';
import type { StoredExecutionEvent } from './execution-events.js';
import type { ExecutionHead } from './execution-head.js';

/**
 * Everything of one execution under its id: `head`, `frozen#…` (what the start froze, never rewritten), `status#n`,
 * `log#n`, `epoch#n`, `end#n` by sequence, `activity#…` by time. Only heads carry the attributes of the indexes.
 */
export interface ExecutionItem {
  readonly executionId: string;
  readonly item: string;
  readonly head?: ExecutionHead;
  /** Always `all`: the partition of the list of everything. */
  readonly listing?: string;
  /** `{createdAt}#{executionId}`: the order of every list. */
  readonly position?: string;
  readonly status?: string;
  readonly templateId?: string;
  readonly datasetId?: string;
  readonly frozen?: FrozenRequest;
  readonly event?: StoredExecutionEvent;
  /** Of log lines. */
  readonly level?: LogLevel;
  readonly activity?: Activity;
}

export const EXECUTION_TABLE: TableDefinition<ExecutionItem> = {
  name: 'model-training-execution',
  partitionKey: 'executionId',
  sortKey: 'item',
  attributes: {
    executionId: 'string',
    item: 'string',
    head: 'json',
    listing: 'string',
    position: 'string',
    status: 'string',
    templateId: 'string',
    datasetId: 'string',
    frozen: 'json',
    event: 'json',
    level: 'string',
    activity: 'json',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'position' },
    { name: 'byStatus', partitionKey: 'status', sortKey: 'position' },
    { name: 'byTemplate', partitionKey: 'templateId', sortKey: 'position' },
    { name: 'byDataset', partitionKey: 'datasetId', sortKey: 'position' },
  ],
};

/** Which execution a key started. The id is reserved before the execution is stored: see `execution-starts.ts`. */
export interface IdempotencyItem {
  readonly key: string;
  /** SHA-256 of the canonical request. */
  readonly requestSha256: string;
  readonly executionId: string;
  readonly createdAt: string;
}

export const IDEMPOTENCY_TABLE: TableDefinition<IdempotencyItem> = {
  name: 'idempotency-key',
  partitionKey: 'key',
  attributes: { key: 'string', requestSha256: 'string', executionId: 'string', createdAt: 'string' },
};
