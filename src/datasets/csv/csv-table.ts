import type { Delimiter } from '../rows/reading.js';
import type { TableRows } from '../rows/table-rows.js';
import { CsvReader } from './csv-reader.js';

/** Hands the records of a CSV file on as rows; the first one is the header. */
export function readCsv(delimiter: Delimiter | null, decimalSeparator: '.' | ',', rows: TableRows): CsvReader {
  return new CsvReader(delimiter, decimalSeparator, (fields, line) => {
    if (rows.hasHeader) rows.row(fields, line);
    else rows.header(fields);
  });
}
