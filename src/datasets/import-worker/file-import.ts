import { TrainyardError } from '../../common/errors/index.js';
import { readCsv } from '../csv/csv-table.js';
import { JsonLines } from '../json/json-lines.js';
import { JsonTable } from '../json/json-table.js';
import { readParquet } from '../parquet/parquet-table.js';
import type { FileReading, ImportLimits, ParsedAsset, ReadingOptions } from '../rows/reading.js';
import { RowImport } from '../rows/row-import.js';
import {
  contentTypeFormat,
  extensionFormat,
  signatureFormat,
  type FileFormat,
  type UploadFormat,
} from '../upload/file-format.js';
import { listZip, readZipEntry, type ZipLimits } from '../zip/zip-archive.js';
import { ScratchFile } from './scratch-file.js';

export interface FileToImport {
  /** Null when the request has none: it sent the file as its body. */
  readonly name: string | null;
  readonly contentType: string;
}

export interface FileImportSettings {
  readonly options: ReadingOptions;
  readonly limits: ImportLimits;
  readonly zipLimits: ZipLimits;
  /** As stated; null = by extension, content type and first bytes. */
  readonly format: UploadFormat | null;
  /** A directory of this import's own; made when it is needed, removed by its owner. */
  readonly scratchDir: string;
}

/** Reads bytes as they arrive; what must be read from its end is kept until then. */
interface Reader {
  push(bytes: Uint8Array): void;
  end(): Promise<void> | void;
}

/** The files of one upload, one after the other, in whatever format: each goes through the same rows. */
export class FileImport {
  private readonly rows: RowImport;
  private file: FileToImport | null = null;
  private reader: Reader | null = null;
  private scratchFiles = 0;

  constructor(private readonly settings: FileImportSettings) {
    this.rows = new RowImport(settings.options, settings.limits);
  }

  async open(file: FileToImport): Promise<void> {
    await this.end();
    this.file = file;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.file === null) throw new Error('a file is opened before its bytes come');
    this.reader ??= this.openReader(this.file, bytes);
    this.reader.push(bytes);
  }

  async finish(): Promise<{ assets: ParsedAsset[]; reading: FileReading }> {
    await this.end();
    return this.rows.finish();
  }

  private async end(): Promise<void> {
    const { file } = this;
    if (file === null) return;
    this.reader ??= this.openReader(file, new Uint8Array(0));
    await this.reader.end();
    this.reader = null;
    this.file = null;
  }

  private openReader({ name, contentType }: FileToImport, head: Uint8Array): Reader {
    const format =
      this.settings.format ??
      (name === null ? null : extensionFormat(name)) ??
      contentTypeFormat(contentType) ??
      signatureFormat(head);
    return format === 'zip' ? this.zipReader() : this.tableReader(format, name, false);
  }

  private tableReader(format: FileFormat, name: string | null, zipped: boolean): Reader {
    const { options, limits } = this.settings;
    const rows = this.rows.open({ name, format, zipped });
    switch (format) {
      case 'csv': {
        const csv = readCsv(options.delimiter, options.decimalSeparator, rows);
        return {
          push: (bytes) => csv.push(bytes),
          end: () => {
            csv.end();
            this.rows.close(csv.usedDelimiter);
          },
        };
      }
      case 'json':
        return this.textReader(new JsonTable(rows, options.timeColumn));
      case 'json-lines':
        return this.textReader(new JsonLines(rows));
      case 'parquet': {
        const scratch = this.openScratch();
        return {
          push: (bytes) => scratch.append(bytes),
          end: async () => {
            await readParquet(scratch, rows, limits.rows);
            scratch.close();
            this.rows.close(null);
          },
        };
      }
    }
  }

  private textReader(target: { push(text: string): void; end(): void }): Reader {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let bytesRead = 0;
    const decode = (bytes: Uint8Array, stream: boolean): string => {
      try {
        return decoder.decode(bytes, { stream });
      } catch {
        throw new TrainyardError(
          'DATASET_FORMAT_INVALID',
          `the data is not UTF-8: bytes after byte ${bytesRead} do not decode; save the file as UTF-8`,
          { byte: bytesRead },
        );
      }
    };
    return {
      push: (bytes) => {
        target.push(decode(bytes, true));
        bytesRead += bytes.length;
      },
      end: () => {
        target.push(decode(new Uint8Array(0), false));
        target.end();
        this.rows.close(null);
      },
    };
  }

  private zipReader(): Reader {
    const scratch = this.openScratch();
    return {
      push: (bytes) => scratch.append(bytes),
      end: async () => {
        const entries = listZip(scratch, this.settings.zipLimits);
        if (entries.length === 0) {
          throw new TrainyardError('DATASET_EMPTY', 'the zip holds no file: pack one file for each asset');
        }
        for (const entry of entries) {
          const format = extensionFormat(entry.name);
          if (format === null || format === 'zip') throw unknownEntry(entry.name);
          const reader = this.tableReader(format, entry.name, true);
          for (const part of readZipEntry(scratch, entry)) reader.push(part);
          await reader.end();
        }
        scratch.close();
      },
    };
  }

  private openScratch(): ScratchFile {
    return new ScratchFile(this.settings.scratchDir, String(this.scratchFiles++));
  }
}

function unknownEntry(name: string): TrainyardError {
  return new TrainyardError(
    'DATASET_FORMAT_INVALID',
    `"${name.slice(0, 200)}" in the zip is of no known format: name the files .csv, .json, .jsonl or .parquet, and leave others out`,
    { file: name.slice(0, 300) },
  );
}
