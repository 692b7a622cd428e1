import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCsv } from '#src/datasets/csv/csv-table.js';
import { FileImport, type FileImportSettings } from '#src/datasets/import-worker/file-import.js';
import type { ImportLimits, ReadingOptions } from '#src/datasets/rows/reading.js';
import { RowImport } from '#src/datasets/rows/row-import.js';

export const READING_OPTIONS: ReadingOptions = {
  layout: 'wide',
  columnsAs: 'assets',
  asset: 'one',
  timeColumn: null,
  assetColumn: null,
  valueColumns: null,
  timeFormat: null,
  timeZone: null,
  order: 'strict',
  duplicates: 'refuse',
  delimiter: null,
  decimalSeparator: '.',
  thousandsSeparator: null,
};

/** What becomes of one CSV file that arrives fifty bytes at a time. */
export function importCsv(content: string | Uint8Array, options: Partial<ReadingOptions>, limits: ImportLimits) {
  const all = { ...READING_OPTIONS, ...options };
  const rows = new RowImport(all, limits);
  const csv = readCsv(all.delimiter, all.decimalSeparator, rows.open({ name: null, format: 'csv', zipped: false }));
  const bytes = Buffer.from(content);
  const part = typeof content === 'string' ? 50 : 65_536;
  for (let at = 0; at < bytes.length; at += part) csv.push(bytes.subarray(at, at + part));
  csv.end();
  rows.close(csv.usedDelimiter);
  return rows.finish();
}

export interface SentFile {
  readonly name?: string;
  readonly contentType?: string;
  readonly content: string | Uint8Array;
}

/** What becomes of files of any format, as the import worker reads them, a few bytes at a time. */
export async function importFiles(
  files: readonly SentFile[],
  options: Partial<ReadingOptions> = {},
  settings: Partial<FileImportSettings> = {},
) {
  const scratchDir = mkdtempSync(join(tmpdir(), 'trainyard-import-'));
  try {
    const work = new FileImport({
      options: { ...READING_OPTIONS, columnsAs: null, ...options },
      limits: { rows: 100_000, columns: 100, assets: 100 },
      zipLimits: { entries: 100, bytes: 64 * 1024 * 1024 },
      format: null,
      scratchDir,
      ...settings,
    });
    for (const { name, contentType, content } of files) {
      await work.open({ name: name ?? null, contentType: contentType ?? 'application/octet-stream' });
      const bytes = Buffer.from(content);
      const part = Math.max(61, Math.ceil(bytes.length / 100));
      for (let at = 0; at < bytes.length; at += part) work.push(bytes.subarray(at, at + part));
    }
    return await work.finish();
  } finally {
    rmSync(scratchDir, { recursive: true, force: true });
  }
}
