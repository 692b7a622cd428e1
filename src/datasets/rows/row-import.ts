import { TrainyardError } from '../../common/errors/index.js';
import { assetOfFile, type FileFormat } from '../upload/file-format.js';
import { assertWidth } from './column-mapping.js';
import { TableRows, type SharedRows } from './table-rows.js';
import { RowRejections } from './row-rejections.js';
import type { Delimiter, FileReading, ImportLimits, ParsedAsset, ReadingOptions } from './reading.js';
import { TimeReader } from './time-reader.js';

/** Name of the one column of an asset whose series is a column of a wide file. */
const VALUE_COLUMN = 'value';

export interface ImportedFile {
  /** Null when the upload has no name. */
  readonly name: string | null;
  readonly format: FileFormat;
  /** Whether it came out of a zip, which may hold more. */
  readonly zipped: boolean;
}

interface OpenTable {
  readonly file: ImportedFile;
  readonly rows: TableRows;
  delimiter: Delimiter | null;
}

/**
 * The rows of all files of one import, whatever their format: checked alike, or refused with everything that is wrong
 * with them. One file after the other; no I/O.
 */
export class RowImport {
  private readonly rejections = new RowRejections();
  private readonly tables: OpenTable[] = [];
  private readonly shared: SharedRows;

  constructor(
    private readonly options: ReadingOptions,
    private readonly limits: ImportLimits,
  ) {
    const time = new TimeReader(options);
    const { layout } = options;
    const counts = { rows: 0, cells: 0, assets: 0, duplicates: 0 };
    this.shared = { options, limits, time, rejections: this.rejections, layout, ...counts };
  }

  open(file: ImportedFile): TableRows {
    const unit = file.format === 'csv' || file.format === 'json-lines' ? 'line' : 'record';
    const rows = new TableRows({ unit, file: file.name }, this.shared);
    this.tables.push({ file, rows, delimiter: null });
    return rows;
  }

  /** Ends the file that was opened last. */
  close(delimiter: Delimiter | null): void {
    const table = this.tables.at(-1);
    if (table === undefined) throw new Error('a file is closed after it is opened');
    table.delimiter = delimiter;
    table.rows.end();
  }

  finish(): { readonly assets: ParsedAsset[]; readonly reading: FileReading } {
    const [first] = this.tables;
    if (first === undefined) {
      throw new TrainyardError('DATASET_EMPTY', 'the upload has no file with data: send one at least');
    }
    const layout = this.shared.layout ?? 'wide';
    this.rejections.assertNone(this.shared.rows, layout);
    const several = this.tables.length > 1;
    const assetPerFile =
      layout === 'wide' &&
      (this.options.assetPerFile ?? (several || first.file.zipped)) &&
      this.options.columnsAs !== 'assets';
    const columnsAs = this.options.columnsAs ?? (assetPerFile ? 'columns' : 'assets');
    const assets = new Map<string, { asset: ParsedAsset; file: string }>();
    for (const table of this.tables) {
      if (layout === 'wide') assertWidth(table.rows.mapping.values.length, columnsAs, this.limits);
      for (const asset of this.assetsOf(table, columnsAs, assetPerFile)) addAsset(assets, asset, table.file.name ?? '');
    }
    if (assets.size > this.limits.assets) throw tooManyAssets(assets.size, this.limits.assets);
    const { mapping } = first.rows;
    return {
      assets: [...assets.values()].map(({ asset }) => asset),
      reading: {
        layout,
        format: first.file.format,
        delimiter: first.delimiter,
        time: this.shared.time.report(mapping.time.name),
        assetColumn: mapping.asset?.name ?? null,
        valueColumns: mapping.values.map(({ name }) => name),
        columnsAs,
        assetPerFile,
        rows: this.shared.rows,
        duplicates: { policy: this.options.duplicates ?? 'refuse', rows: this.shared.duplicates },
        files: several
          ? this.tables.map(({ file, rows }) => ({ file: file.name ?? '', format: file.format, rows: rows.count }))
          : [],
      },
    };
  }

  private *assetsOf(
    { file, rows }: OpenTable,
    columnsAs: 'assets' | 'columns',
    assetPerFile: boolean,
  ): Generator<ParsedAsset> {
    const names = rows.mapping.values.map(({ name }) => name);
    for (const [id, { times, columns }] of rows.series) {
      if (this.shared.layout === 'long') yield { id, times, names, columns };
      else if (columnsAs === 'columns') {
        yield { id: assetPerFile ? assetOfFile(file.name ?? '') : this.options.asset, times, names, columns };
      } else {
        for (const [at, name] of names.entries()) {
          yield { id: name, times, names: [VALUE_COLUMN], columns: columns.slice(at, at + 1) };
        }
      }
    }
  }
}

function addAsset(assets: Map<string, { asset: ParsedAsset; file: string }>, asset: ParsedAsset, file: string): void {
  const other = assets.get(asset.id);
  if (other !== undefined) {
    throw new TrainyardError(
      'ASSET_DUPLICATE',
      `asset "${asset.id}" is in "${other.file}" and in "${file}": an asset comes from one file; rename one of them, or append its later rows afterwards`,
      { asset: asset.id, files: [other.file, file] },
    );
  }
  assets.set(asset.id, { asset, file });
}

function tooManyAssets(value: number, limit: number): TrainyardError {
  return new TrainyardError(
    'LIMIT_EXCEEDED',
    `the files have ${value} assets and this installation allows ${limit}: split them into several datasets, or raise the limit`,
    { what: 'assets', value, limit },
  );
}
