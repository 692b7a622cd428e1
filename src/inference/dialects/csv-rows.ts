import { rowsByName } from './named-columns.js';
import { malformed } from './read-body.js';
import type { SentRows } from './sent-rows.js';

const MISSING = /^(nan|null|na|n\/a)?$/i;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

export interface CsvRows extends SentRows {
  /** Whether the first line names the columns: the answer has names then, too. */
  readonly named: boolean;
}

/**
 * Rows of a window as CSV. With a header, a first line that names an asset or has nothing but names, columns are found by
 * name; the one that is no asset holds the times. Without one there is a column for each asset in the model's order, with
 * or without one of times before them.
 */
export function readCsvRows(text: string, assets: readonly string[]): CsvRows {
  const records = splitCsv(text);
  const first = records[0];
  if (first === undefined) throw malformed('The body has no rows: send a line for each row that is looked back on');
  const named =
    first.fields.some((field) => assets.includes(field)) ||
    first.fields.every((field) => !NUMBER.test(field) && !MISSING.test(field));
  if (named) {
    const cells = records.slice(1);
    return { ...rowsByName(first.fields, columnsOf(cells, first.fields.length), assets, readCell(cells)), named };
  }
  const width = first.fields.length;
  if (width !== assets.length && width !== assets.length + 1) {
    throw malformed(
      `Line ${first.line} has ${width} columns; without a header there is one for each of ${assets.join(', ')}, and one of times before them or none`,
      { columns: width, assets },
    );
  }
  const names = width === assets.length ? assets : ['time', ...assets];
  return { ...rowsByName(names, columnsOf(records, width), assets, readCell(records)), named };
}

/** Lines of fields; numbers as the shortest text that is read back as the same double. */
export function writeCsvLines(
  names: readonly string[] | null,
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const line = (cells: readonly (string | number | null)[]): string =>
    `${cells.map((cell) => (typeof cell === 'string' ? quoted(cell) : cell === null ? '' : String(cell))).join(',')}\n`;
  return (names === null ? '' : line(names)) + rows.map(line).join('');
}

interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

function columnsOf(records: readonly CsvRecord[], width: number): string[][] {
  const ragged = records.find(({ fields }) => fields.length !== width);
  if (ragged !== undefined) {
    throw malformed(`Line ${ragged.line} has ${ragged.fields.length} columns; the first one has ${width}`, {
      line: ragged.line,
    });
  }
  return Array.from({ length: width }, (_, at) => records.map(({ fields }) => fields[at]!));
}

function readCell(records: readonly CsvRecord[]) {
  return (cell: unknown, asset: string, row: number): number | null => {
    const text = String(cell);
    if (NUMBER.test(text)) return Number(text);
    if (MISSING.test(text)) return null;
    throw malformed(`Line ${records[row]!.line}, ${asset}: "${text.slice(0, 100)}" is not a number`, {
      line: records[row]!.line,
      asset,
    });
  };
}

/** RFC 4180; blank lines are left out, fields are trimmed unless they are quoted. */
function splitCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let line = 1;
  let start = 1;
  let quotes = false;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const end = (): void => {
    if (fields.length > 1 || fields[0] !== '' || quotes) records.push({ fields, line: start });
    fields = [];
    start = line;
    quotes = false;
  };
  while (at <= text.length) {
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      if (close < 0) throw malformed(`Line ${line}: a quote is opened and never closed`, { line });
      quotes = true;
      const raw = text.slice(at + 1, close);
      fields.push(raw.replaceAll('""', '"'));
      line += raw.split('\n').length - 1;
      at = close + 1;
      if (at < text.length && !/[,\r\n]/.test(text[at]!)) throw malformed(`Line ${line}: text follows a closing quote`);
    } else {
      const stop = fieldEnd(text, at);
      fields.push(text.slice(at, stop).trim());
      at = stop;
    }
    if (text[at] === ',') {
      at++;
      continue;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') line++;
    at++;
    end();
  }
  return records;
}

function fieldEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === ',' || char === '\n' || (char === '\r' && text[at + 1] === '\n')) return at;
  }
  return text.length;
}

/** The first quote that is not doubled; -1 when there is none. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
