import { TrainyardError } from '../../common/errors/index.js';
import type { TableRows } from '../rows/table-rows.js';
import { parseElement } from './json-elements.js';
import { RecordRows } from './record-rows.js';

const LINE_LIMIT = 1024 * 1024;

/** JSON Lines: one record a line; blank lines are skipped. */
export class JsonLines {
  private readonly records: RecordRows;
  private rest = '';
  private line = 0;

  constructor(rows: TableRows) {
    this.records = new RecordRows(rows);
  }

  push(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.read(line);
    if (this.rest.length > LINE_LIMIT) throw tooLong(this.line + 1);
  }

  end(): void {
    this.read(this.rest);
    this.records.end();
  }

  private read(line: string): void {
    this.line++;
    if (line.trim() === '') return;
    if (line.length > LINE_LIMIT) throw tooLong(this.line);
    let value: unknown;
    try {
      value = parseElement(line);
    } catch {
      const shown = line.length > 60 ? `${line.slice(0, 60)}…` : line;
      throw new TrainyardError(
        'DATASET_FORMAT_INVALID',
        `line ${this.line} is no JSON: ${shown.trim()}; write one record such as {"time": "2024-01-01", "A": 1.5} in each line`,
        { line: this.line },
      );
    }
    this.records.add(value, this.line);
  }
}

function tooLong(line: number): TrainyardError {
  return new TrainyardError(
    'DATASET_FORMAT_INVALID',
    `line ${line} has more than ${LINE_LIMIT} characters: write one record in each line`,
    { line, limit: LINE_LIMIT },
  );
}
