import type { TableDefinition } from './table.js';

/** Work that one process at a time does. */
export interface LeaseItem {
  readonly lease: string;
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export const LEASE_TABLE: TableDefinition<LeaseItem> = {
  name: 'lease',
  partitionKey: 'lease',
  attributes: { lease: 'string', owner: 'string', expiresAt: 'number' },
};
