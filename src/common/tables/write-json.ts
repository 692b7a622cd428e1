import { ROWS_AT_ONCE, textChunks } from './text-chunks.js';
import { rowsOf, type TableColumn } from './table.js';

/** `[{"time":"2024-01-01T00:00:00.000Z","A":1.5},…]`: what `new dfd.DataFrame(records)` and `pd.read_json` take. */
export function writeRecords(blocks: AsyncIterable<readonly TableColumn[]>): AsyncIterable<Uint8Array> {
  return textChunks(records(blocks));
}

/** `{"columns":["time","A"],"data":[["2024-01-01T00:00:00.000Z",1.5],…]}`: `pd.read_json(…, orient='split')`. */
export function writeSplit(blocks: AsyncIterable<readonly TableColumn[]>): AsyncIterable<Uint8Array> {
  return textChunks(split(blocks));
}

async function* records(blocks: AsyncIterable<readonly TableColumn[]>): AsyncGenerator<string> {
  let before = '[';
  for await (const columns of blocks) {
    const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
    for (const rows of rowTexts(
      columns,
      (values) => `{${values.map((value, at) => `${keys[at]}${value}`).join(',')}}`,
    )) {
      yield `${before}${rows}`;
      before = ',\n';
    }
  }
  yield before === '[' ? '[]\n' : ']\n';
}

async function* split(blocks: AsyncIterable<readonly TableColumn[]>): AsyncGenerator<string> {
  let before: string | null = null;
  for await (const columns of blocks) {
    before ??= `{"columns":${JSON.stringify(columns.map(({ name }) => name))},"data":[`;
    for (const rows of rowTexts(columns, (values) => `[${values.join(',')}]`)) {
      yield `${before}${rows}`;
      before = ',\n';
    }
  }
  const open = before === null || before === ',\n' ? '' : before;
  yield `${open}]}\n`;
}

function* rowTexts(columns: readonly TableColumn[], write: (values: string[]) => string): Generator<string> {
  const rows = rowsOf(columns);
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    const texts: string[] = [];
    for (let row = start; row < Math.min(rows, start + ROWS_AT_ONCE); row++) {
      texts.push(write(columns.map((column) => valueText(column, row))));
    }
    yield texts.join(',\n');
  }
}

function valueText(column: TableColumn, row: number): string {
  if (column.kind === 'text') return JSON.stringify(column.values[row] ?? null);
  const value = column.values[row] ?? NaN;
  if (Number.isNaN(value)) return 'null';
  return column.kind === 'time' ? `"${new Date(value).toISOString()}"` : numberText(value);
}

/**
 * The shortest text that is read as this double. Whole numbers from 2^53 on have an exponent: without one, readers of JSON
 * that tell integers apart (pandas, Arrow) refuse those beyond 64 bits.
 */
function numberText(value: number): string {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? value.toExponential() : String(value);
}
