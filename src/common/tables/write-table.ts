import { TrainyardError } from '../errors/index.js';
import { writeCsv } from './write-csv.js';
import { writeParquet } from './write-parquet.js';
import { writeRecords, writeSplit } from './write-json.js';
import type { TableBlocks, TableColumn, TableForm } from './table.js';

/**
 * The table's bytes, made as they are taken. Numbers are written so that reading them gives the same double, times in
 * UTC; a missing value is an empty field, a JSON null or a Parquet null. `VALIDATION_FAILED` for two columns of one name.
 */
export function writeTable(columns: readonly TableColumn[], form: TableForm): AsyncIterable<Uint8Array> {
  return writeTableBlocks([columns], form);
}

/** As `writeTable`, of a table that comes block by block; one block at least, which may have no rows. */
export function writeTableBlocks(blocks: TableBlocks, { format, orient }: TableForm): AsyncIterable<Uint8Array> {
  const checked = withDistinctNames(blocks);
  switch (format) {
    case 'csv':
      return writeCsv(checked);
    case 'parquet':
      return writeParquet(checked);
    case 'json':
      return orient === 'records' ? writeRecords(checked) : writeSplit(checked);
  }
}

const FILE_TYPES: Readonly<Record<TableForm['format'], string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

export function contentTypeOf({ format }: TableForm): string {
  return FILE_TYPES[format];
}

/** A reader of records or of a data frame would silently keep one of two columns of the same name. */
async function* withDistinctNames(blocks: TableBlocks): AsyncGenerator<readonly TableColumn[]> {
  let first = true;
  for await (const block of blocks) {
    if (first) assertDistinctNames(block.map(({ name }) => name));
    first = false;
    yield block;
  }
}

/** `VALIDATION_FAILED` when two columns of an export would have one name. */
export function assertDistinctNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new TrainyardError(
        'VALIDATION_FAILED',
        `two columns of the table would be named "${name}": export fewer assets at once, or with layout=long`,
        { column: name },
      );
    }
    seen.add(name);
  }
}
