import { ROWS_AT_ONCE, textChunks } from './text-chunks.js';
import { rowsOf, type TableColumn } from './table.js';

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** RFC 4180 with LF line ends: a header, then a line a row; a missing value is an empty field. */
export function writeCsv(blocks: AsyncIterable<readonly TableColumn[]>): AsyncIterable<Uint8Array> {
  return textChunks(lines(blocks));
}

async function* lines(blocks: AsyncIterable<readonly TableColumn[]>): AsyncGenerator<string> {
  let header = true;
  for await (const columns of blocks) {
    if (header) yield `${columns.map(({ name }) => quoted(name)).join(',')}\n`;
    header = false;
    const rows = rowsOf(columns);
    for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
      let text = '';
      for (let row = start; row < Math.min(rows, start + ROWS_AT_ONCE); row++) text += `${line(columns, row)}\n`;
      yield text;
    }
  }
}

function line(columns: readonly TableColumn[], row: number): string {
  // A line of one empty field would be a blank line, which readers skip: quoted, it is a row with a missing value.
  const text = columns.map((column) => field(column, row)).join(',');
  return text === '' ? '""' : text;
}

function field(column: TableColumn, row: number): string {
  if (column.kind === 'text') return quoted(column.values[row] ?? '');
  const value = column.values[row] ?? NaN;
  if (Number.isNaN(value)) return '';
  return column.kind === 'time' ? new Date(value).toISOString() : String(value);
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
