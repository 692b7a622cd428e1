import { setImmediate as nextTurn } from 'node:timers/promises';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet';
import { rowsOf, type TableColumn } from './table.js';

/** Values of a row group: encoding one takes some 50 ms, during which nothing else is answered. */
const GROUP_VALUES = 98_304;
const LEAST_GROUP_ROWS = 1_024;

/**
 * Apache Parquet with Snappy: times as TIMESTAMP(MILLIS, adjusted to UTC), numbers as DOUBLE, text as STRING, all nullable.
 * The file is handed on as it grows; what must be kept to its end are the places of its row groups.
 */
export async function* writeParquet(blocks: AsyncIterable<readonly TableColumn[]>): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  let parquet: ParquetWriter | null = null;
  for await (const columns of blocks) {
    parquet ??= new ParquetWriter({ writer: bytes, schema: schemaOf(columns), createdBy: 'trainyard' });
    const rows = rowsOf(columns);
    const groupRows = Math.max(LEAST_GROUP_ROWS, Math.floor(GROUP_VALUES / columns.length));
    for (let start = 0; start < rows; start += groupRows) {
      const end = Math.min(rows, start + groupRows);
      const columnData = columns.map((column) => ({
        name: column.name,
        data: nullable(column, start, end),
        ...(column.kind === 'text' ? {} : { encoding: 'PLAIN' as const }),
      }));
      await parquet.write({ columnData, rowGroupSize: end - start });
      yield take(bytes);
      await nextTurn();
    }
  }
  if (parquet === null) throw new Error('a table has one block at least');
  await parquet.finish();
  yield take(bytes);
}

function schemaOf(columns: readonly TableColumn[]): SchemaElement[] {
  const root: SchemaElement = { name: 'root', num_children: columns.length };
  return [
    root,
    ...columns.map(({ name, kind }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...TYPES[kind] })),
  ];
}

const TYPES = {
  time: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } },
  number: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
} as const satisfies Record<TableColumn['kind'], Partial<SchemaElement>>;

function nullable(column: TableColumn, start: number, end: number): (string | number | null)[] {
  if (column.kind === 'text') return column.values.slice(start, end);
  return Array.from(column.values.subarray(start, end), (value) => (Number.isNaN(value) ? null : value));
}

/** What was written since the last time. The writer goes on counting from the start of the file in `offset`. */
function take(writer: ByteWriter): Uint8Array {
  const taken = writer.getBytes().slice();
  writer.index = 0;
  return taken;
}
