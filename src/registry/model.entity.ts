import type { TableDefinition } from '../database/index.js';
import type { ApprovalDecision, ApprovalStatus, ModelRegistration } from './model.js';

/** The group itself (`item` = `head`) and one item for each version (`item` = `version#00000001`). */
export interface ModelItem {
  readonly model: string;
  readonly item: string;
  readonly createdAt: string;
  /** On heads: puts them into the list of all models. */
  readonly listing?: string;
  readonly updatedAt?: string;
  readonly latestVersion?: number;
  /** On versions. */
  readonly number?: number;
  readonly executionId?: string;
  readonly registration?: ModelRegistration;
  readonly approval?: ApprovalStatus;
  readonly decisions?: readonly ApprovalDecision[];
}

export const MODEL_TABLE: TableDefinition<ModelItem> = {
  name: 'model-registry',
  partitionKey: 'model',
  sortKey: 'item',
  attributes: {
    model: 'string',
    item: 'string',
    createdAt: 'string',
    listing: 'string',
    updatedAt: 'string',
    latestVersion: 'number',
    number: 'number',
    executionId: 'string',
    registration: 'json',
    approval: 'string',
    decisions: 'json',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'createdAt' },
    { name: 'byExecution', partitionKey: 'executionId', sortKey: 'item' },
  ],
};
