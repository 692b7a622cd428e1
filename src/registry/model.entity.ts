import type { TableDefinition } from '../database/index.js';
import type { ApprovalDecision, ApprovalPolicy, ApprovalStatus, ModelRegistration } from './model.js';

/**
 * The group itself (`item` = `head`), one item for each version (`item` = `version#00000001`) and one for each alias
 * (`item` = `alias#champion`).
 */
export interface ModelItem {
  readonly model: string;
  readonly item: string;
  /** On aliases: when they were set. */
  readonly createdAt: string;
  /** On heads: puts them into the list of all models. */
  readonly listing?: string;
  readonly updatedAt?: string;
  readonly latestVersion?: number;
  readonly policy?: ApprovalPolicy;
  /** On heads and versions. */
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** On versions and aliases: the version's number. */
  readonly number?: number;
  /** On versions. */
  readonly executionId?: string;
  readonly registration?: ModelRegistration;
  readonly approval?: ApprovalStatus;
  readonly decisions?: readonly ApprovalDecision[];
  /** On aliases. */
  readonly setBy?: string;
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
    policy: 'json',
    description: 'string',
    tags: 'json',
    number: 'number',
    executionId: 'string',
    registration: 'json',
    approval: 'string',
    decisions: 'json',
    setBy: 'string',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'createdAt' },
    { name: 'byExecution', partitionKey: 'executionId', sortKey: 'item' },
  ],
};
