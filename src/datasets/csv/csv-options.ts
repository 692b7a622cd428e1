import type { TimeFormatName } from './time-formats.js';

/** How a CSV file is to be read; null means "detect". Plain data: it crosses to the import worker and is stored. */
export interface CsvOptions {
  /** `wide`: one row per time. `long`: one row per time and asset, the asset named in a column. */
  readonly layout: 'wide' | 'long';
  /** What a column of a wide file is: an asset of its own (column `value`), or a column of the one asset. */
  readonly columnsAs: 'assets' | 'columns';
  /** Id of the one asset of a wide file read as `columns`. */
  readonly asset: string;
  readonly timeColumn: string | null;
  readonly assetColumn: string | null;
  /** Columns to import; null = all but the time and asset columns. */
  readonly valueColumns: readonly string[] | null;
  readonly timeFormat: TimeFormatName | null;
  /** `strict` refuses rows out of order, `sort` sorts them. */
  readonly order: 'strict' | 'sort';
  readonly delimiter: Delimiter | null;
  readonly decimalSeparator: '.' | ',';
}

export type Delimiter = ',' | ';' | '\t';

export interface CsvLimits {
  readonly rows: number;
  readonly columns: number;
  readonly assets: number;
}

/** How the file was read, for the import's answer. */
export interface CsvReading {
  readonly delimiter: Delimiter;
  readonly time: TimeReport;
  readonly assetColumn: string | null;
  readonly valueColumns: readonly string[];
  /** Data rows, without header and blank lines. */
  readonly rows: number;
}

export interface TimeReport {
  readonly column: string;
  readonly format: TimeFormatName;
  /** `UTC`, or the offset all timestamps carry, for example `+02:00`. */
  readonly zone: string;
  /** True when the timestamps name no zone and were taken as UTC. */
  readonly zoneAssumed: boolean;
  /** The first timestamp and what it was read as. */
  readonly example: { readonly text: string; readonly readAs: string };
}

/** Rows of one asset, in ascending time. `columns[i]` belongs to `names[i]`; NaN = missing. */
export interface ParsedAsset {
  readonly id: string;
  readonly times: Float64Array;
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
}
