import type { TableDefinition } from '../database/index.js';
import type { ActualSource } from './actual.js';

export interface ActualItem {
  /** `endpoint/asset`: names of endpoints have no slash. */
  readonly series: string;
  /** ISO 8601 UTC with milliseconds, as forecasts have it. */
  readonly time: string;
  /** As JSON: every double comes back as it was, also those that the database has no number for. */
  readonly value: number;
  readonly source: ActualSource;
  readonly datasetVersion?: number;
  readonly recordedBy: string;
  readonly recordedAt: string;
}

export const ACTUAL_TABLE: TableDefinition<ActualItem> = {
  name: 'actual',
  partitionKey: 'series',
  sortKey: 'time',
  attributes: {
    series: 'string',
    time: 'string',
    value: 'json',
    source: 'string',
    datasetVersion: 'number',
    recordedBy: 'string',
    recordedAt: 'string',
  },
};
