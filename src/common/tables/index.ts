export { TABLE_FORMATS, TABLE_ORIENTS, type TableBlocks, type TableColumn, type TableForm } from './table.js';
export { assertDistinctNames, contentTypeOf, writeTable, writeTableBlocks } from './write-table.js';
