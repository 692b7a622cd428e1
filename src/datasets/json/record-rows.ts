import { TrainyardError } from '../../common/errors/index.js';
import type { TableRows } from '../rows/table-rows.js';

/** Records that decide which columns there are: not every record needs to have all. */
const HEADER_RECORDS = 1000;

/** Rows out of records, objects with a value a column. A column that a record lacks is a missing value. */
export class RecordRows {
  private waiting: { record: object; number: number }[] | null = [];
  private names: string[] = [];
  private readonly known = new Set<string>();
  /** What the first of them is that is no record. */
  private first: string | null = null;

  constructor(private readonly rows: TableRows) {}

  add(value: unknown, number: number): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.reject(number, value);
      return;
    }
    if (this.waiting === null) this.row(value, number);
    else if (this.waiting.push({ record: value, number }) === HEADER_RECORDS) this.start();
  }

  end(): void {
    this.start();
    if (this.rows.hasHeader) return;
    if (this.rows.count === 0) throw new TrainyardError('DATASET_EMPTY', 'there is no record: send one at least');
    throw new TrainyardError(
      'DATASET_FORMAT_INVALID',
      `none of the ${this.rows.count} records is an object with a value for each column, such as {"time": "2024-01-01", "A": 1.5}; the first is ${this.first}`,
    );
  }

  private start(): void {
    const { waiting } = this;
    if (waiting === null || waiting.length === 0) return;
    this.waiting = null;
    for (const { record } of waiting) for (const name of Object.keys(record)) this.known.add(name);
    this.names = [...this.known];
    this.rows.header(this.names);
    for (const { record, number } of waiting) this.row(record, number);
  }

  private reject(number: number, value: unknown): void {
    const shown = Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`;
    this.first ??= shown;
    this.rows.reject(number, `it is ${shown} and no object with a value for each column`);
  }

  private row(record: object, number: number): void {
    const unknown = Object.keys(record).find((name) => !this.known.has(name));
    if (unknown !== undefined) {
      this.rows.reject(
        number,
        `it has "${unknown.slice(0, 128)}", which none of the first ${HEADER_RECORDS} records has`,
      );
      return;
    }
    const fields = record as Readonly<Record<string, unknown>>;
    this.rows.row(
      this.names.map((name) => (Object.hasOwn(fields, name) ? fields[name] : null)),
      number,
    );
  }
}
