import { TrainyardError } from '../../common/errors/index.js';
import { isTimeName } from '../rows/column-mapping.js';
import type { TableRows } from '../rows/table-rows.js';
import { JsonElements, SHAPES, type JsonListener } from './json-elements.js';
import { RecordRows } from './record-rows.js';

/** Values that columns may hold until the last of them is there: they come one after the other. */
const COLUMN_VALUES = 20_000_000;
/** Name of the labels that pandas writes beside its columns. */
const INDEX = 'index';

/**
 * A table in one JSON document, in any of three orientations: an array of records; `columns` and `data` apart (pandas
 * `split`, with the labels of `index` as a column where they are the times); an array, or an object of labels and
 * values (pandas `columns`), a column.
 */
export class JsonTable implements JsonListener {
  private readonly elements = new JsonElements(this);
  private readonly records: RecordRows;
  private shape: 'records' | 'columns' | 'split' | null = null;
  private number = 0;
  private names: string[] | null = null;
  private index: unknown[] | null = null;
  private indexed = false;
  private readonly columns = new Map<string, { values: unknown[]; labels: string[] | null }>();
  private held = 0;
  /** The container that elements come out of. */
  private into: 'rows' | 'names' | 'index' | { values: unknown[]; labels: string[] | null } | null = null;

  /** `timeColumn`: as stated; null = to be found by its name. */
  constructor(
    private readonly rows: TableRows,
    private readonly timeColumn: string | null,
  ) {
    this.records = new RecordRows(rows);
  }

  push(text: string): void {
    this.elements.push(text);
  }

  end(): void {
    this.elements.end();
    if (this.shape === 'records') this.records.end();
    else if (this.shape === 'columns') this.readColumns();
    if (this.number === 0) throw new TrainyardError('DATASET_EMPTY', 'the JSON has no row: send at least one');
  }

  open(key: string | null, bracket: '[' | '{'): void {
    if (key === null) {
      this.shape = bracket === '[' ? 'records' : null;
      this.into = bracket === '[' ? 'rows' : null;
      return;
    }
    if (bracket === '[' && this.shape !== 'columns' && (key === 'columns' || key === 'data' || key === INDEX)) {
      // An object of columns may have one that is named "data" or "index": then it has no "columns" before.
      if (key === 'columns') {
        this.shape = 'split';
        this.names = [];
        this.into = 'names';
        return;
      }
      if (this.shape === 'split') {
        if (key === INDEX) this.index = [];
        else this.startSplit();
        this.into = key === INDEX ? 'index' : 'rows';
        return;
      }
    }
    if (this.shape === 'split') throw invalid(`beside "columns", "index" and "data" there is "${key}"`);
    this.shape = 'columns';
    if (this.columns.has(key)) throw invalid(`it has "${key}" twice`);
    const column = { values: [], labels: bracket === '{' ? [] : null };
    this.columns.set(key, column);
    this.into = column;
  }

  element(value: unknown, member: string | null): void {
    if (this.into === 'rows') {
      this.number++;
      if (this.shape === 'records') this.records.add(value, this.number);
      else this.splitRow(value);
    } else if (this.into === 'names') this.names?.push(asName(value));
    else if (this.into === 'index') {
      this.hold();
      this.index?.push(value);
    } else if (this.into !== null) {
      this.hold();
      this.into.values.push(value);
      if (member !== null) this.into.labels?.push(member);
    }
  }

  scalar(key: string): void {
    throw invalid(`"${key.slice(0, 128)}" is no array`);
  }

  close(): void {
    this.into = null;
  }

  private startSplit(): void {
    const names = this.names ?? [];
    this.indexed = this.index !== null && this.timeIsIndex(names);
    this.rows.header(this.indexed ? [...names, INDEX] : names, [], this.indexed ? INDEX : null);
  }

  private splitRow(value: unknown): void {
    if (!Array.isArray(value)) {
      this.rows.reject(this.number, 'it is no array with a value for each of "columns"');
      return;
    }
    const fields = value as unknown[];
    this.rows.row(this.indexed ? [...fields, this.index?.[this.number - 1] ?? null] : fields, this.number);
  }

  private readColumns(): void {
    const [first] = this.columns;
    if (first === undefined) return;
    const [firstName, { values, labels }] = first;
    const names = [...this.columns.keys()];
    for (const [name, column] of this.columns) {
      if (column.values.length !== values.length) {
        throw invalid(`"${name}" has ${column.values.length} values and "${firstName}" ${values.length}`);
      }
      if (labels?.some((label, at) => label !== column.labels?.[at]) ?? column.labels !== null) {
        throw invalid(`"${name}" has other labels than "${firstName}", or the same in another order`);
      }
    }
    const indexed = labels !== null && this.timeIsIndex(names);
    this.rows.header(indexed ? [...names, INDEX] : names, [], indexed ? INDEX : null);
    const columns = [...this.columns.values()].map((column) => column.values);
    if (indexed) columns.push(labels);
    for (let row = 0; row < values.length; row++) {
      this.number++;
      this.rows.row(
        columns.map((column) => column[row]),
        this.number,
      );
    }
  }

  /** Labels are times where they are named so, or where no column is. */
  private timeIsIndex(names: readonly string[]): boolean {
    if (names.includes(INDEX)) return false;
    return this.timeColumn === INDEX || (this.timeColumn === null && !names.some(isTimeName));
  }

  private hold(): void {
    if (++this.held <= COLUMN_VALUES) return;
    throw new TrainyardError(
      'LIMIT_EXCEEDED',
      `JSON by columns may hold ${COLUMN_VALUES} values, since none of its rows is complete before its end: send records, JSON Lines or Parquet`,
      { what: 'values', limit: COLUMN_VALUES },
    );
  }
}

function asName(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw invalid(`${JSON.stringify(value).slice(0, 60)} in "columns" is no name`);
}

function invalid(what: string): TrainyardError {
  return new TrainyardError('DATASET_FORMAT_INVALID', `the JSON is no table: ${what}; ${SHAPES}`);
}
