import type { TableDefinition } from '../database/index.js';
import type { ColumnImportance } from '../ml/explain/feature-importance.js';

/** One input column of the model that an execution trained, by rank. */
export interface FeatureImportanceItem {
  readonly executionId: string;
  /** Six digits, from 000001, so that the order of the keys is that of the importance. */
  readonly rank: string;
  readonly column: ColumnImportance;
}

export const FEATURE_IMPORTANCE_TABLE: TableDefinition<FeatureImportanceItem> = {
  name: 'feature-importance',
  partitionKey: 'executionId',
  sortKey: 'rank',
  attributes: { executionId: 'string', rank: 'string', column: 'json' },
};
