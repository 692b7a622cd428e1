export type { PreparedWrite, SortCondition, Stored, Table, TableDefinition } from './table.js';
export { openDatabase, type Database, type DatabaseConfig } from './database.js';
export { DATABASE } from './database-token.js';
export { DatabaseHealth } from './database-health.js';
export { DatabaseModule, InjectTable } from './database.module.js';
export { LEASE_TABLE } from './lease.entity.js';
export { Leases } from './leases.js';
