import type { TableDefinition } from '../database/index.js';

export interface JoinedRowsItem {
  readonly endpoint: string;
  readonly datasetId: string;
  readonly datasetVersion: number;
  readonly through: Readonly<Record<string, string>>;
}

export const JOINED_ROWS_TABLE: TableDefinition<JoinedRowsItem> = {
  name: 'actual-join',
  partitionKey: 'endpoint',
  attributes: { endpoint: 'string', datasetId: 'string', datasetVersion: 'number', through: 'json' },
};
