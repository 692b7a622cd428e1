import type { TableDefinition } from '../database/index.js';
import type { DriftFindings, DriftState, MonitorRun, MonitorSettings, Retraining } from './monitor.js';

/** The monitor itself (`item` = `head`), and one item for each of its runs (`item` = `run#<id>`). */
export interface MonitorItem {
  readonly endpoint: string;
  readonly item: string;
  /** On heads: puts them into the list of all monitors. */
  readonly listing?: string;
  readonly nextRunAt?: string;
  readonly runningUntil?: string;
  readonly settings?: MonitorSettings;
  readonly inputs?: DriftState;
  readonly error?: DriftState;
  readonly retraining?: Retraining;
  readonly retrainings?: number;
  readonly lastRunAt?: string;
  readonly createdBy?: string;
  readonly createdAt: string;
  /** On runs. */
  readonly by?: string;
  readonly findings?: DriftFindings;
  readonly failure?: MonitorRun['failure'];
  readonly told?: readonly string[];
}

export const MONITOR_TABLE: TableDefinition<MonitorItem> = {
  name: 'endpoint-monitor',
  partitionKey: 'endpoint',
  sortKey: 'item',
  attributes: {
    endpoint: 'string',
    item: 'string',
    listing: 'string',
    nextRunAt: 'string',
    runningUntil: 'string',
    settings: 'json',
    inputs: 'json',
    error: 'json',
    retraining: 'json',
    retrainings: 'number',
    lastRunAt: 'string',
    createdBy: 'string',
    createdAt: 'string',
    by: 'string',
    findings: 'json',
    failure: 'json',
    told: 'json',
  },
  indexes: [{ name: 'byNextRun', partitionKey: 'listing', sortKey: 'nextRunAt' }],
};
