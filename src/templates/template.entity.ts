import type { TableDefinition } from '../database/index.js';
import type { SparseParameters, TemplateParameters } from './template-parameters.js';

/**
 * Three kinds of items share the table, told apart by the sort key `item`:
 * - `newest`: the newest version of a template, whole. Its conditional update is the commit point of an edit;
 * - `v0000000007`: an older version, copied from `newest` before that was replaced, and immutable;
 * - `created`: under the hash of an idempotency key, which template a request has created.
 * Only `newest` carries `listed` and `datasetId`, so only newest versions are in the two indexes.
 */
export interface TemplateItem {
  readonly templateId: string;
  readonly item: string;
  readonly listed?: string;
  readonly datasetId?: string;
  readonly templateVersion?: number;
  readonly name?: string;
  readonly description?: string;
  readonly given?: SparseParameters;
  readonly parameters?: TemplateParameters;
  readonly createdAt?: string;
  readonly createdBy?: string;
  /** When version 1 was made. */
  readonly firstCreatedAt?: string;
  readonly createdTemplateId?: string;
  readonly requestHash?: string;
}

export const TEMPLATE_TABLE: TableDefinition<TemplateItem> = {
  name: 'training-template',
  partitionKey: 'templateId',
  sortKey: 'item',
  attributes: {
    templateId: 'string',
    item: 'string',
    listed: 'string',
    datasetId: 'string',
    templateVersion: 'number',
    name: 'string',
    description: 'string',
    given: 'json',
    parameters: 'json',
    createdAt: 'string',
    createdBy: 'string',
    firstCreatedAt: 'string',
    createdTemplateId: 'string',
    requestHash: 'string',
  },
  indexes: [
    { name: 'listed', partitionKey: 'listed', sortKey: 'templateId' },
    { name: 'dataset', partitionKey: 'datasetId', sortKey: 'templateId' },
  ],
};
