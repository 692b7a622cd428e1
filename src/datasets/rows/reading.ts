import type { FileFormat } from '../upload/file-format.js';
import type { ReportedTimeFormat, TimeFormatName } from './time-formats.js';

export const DUPLICATE_POLICIES = ['refuse', 'first', 'last', 'mean'] as const;

/** What becomes of rows of one asset with one timestamp; `mean` is over the values that are there. */
export type DuplicatePolicy = (typeof DUPLICATE_POLICIES)[number];

/** How files are to be read; null means "detect". Plain data: it crosses to the import worker and is stored. */
export interface ReadingOptions {
  /** `wide`: one row per time. `long`: one row per time and asset, the asset named in a column. */
  readonly layout: 'wide' | 'long' | null;
  /** What a column of a wide file is: an asset of its own (column `value`), or a column of the file's one asset. */
  readonly columnsAs: 'assets' | 'columns' | null;
  /** Whether a wide file holds the asset that its name names; null: when there are several files, or a zip. */
  readonly assetPerFile?: boolean | null;
  /** Id of the one asset of a single wide file read as `columns`. */
  readonly asset: string;
  readonly timeColumn: string | null;
  readonly assetColumn: string | null;
  /** Columns to import; null = all but the time and asset columns. */
  readonly valueColumns: readonly string[] | null;
  readonly timeFormat: TimeFormatName | null;
  /** IANA zone of timestamps that state none; null = UTC. */
  readonly timeZone?: string | null;
  /** `strict` refuses rows out of order, `sort` sorts them. */
  readonly order: 'strict' | 'sort';
  /** Left out, as in datasets of earlier versions: `refuse`. */
  readonly duplicates?: DuplicatePolicy;
  readonly delimiter: Delimiter | null;
  readonly decimalSeparator: '.' | ',';
  /** Between groups of three digits; null = there is none. */
  readonly thousandsSeparator?: ThousandsSeparator | null;
}

export type Delimiter = ',' | ';' | '\t';
export type ThousandsSeparator = '.' | ',' | ' ' | "'" | '_';

export interface ImportLimits {
  readonly rows: number;
  readonly columns: number;
  readonly assets: number;
}

/** How the files were read, for the import's answer. */
export interface FileReading {
  readonly layout: 'wide' | 'long';
  readonly format: FileFormat;
  /** Null where fields are not delimited. */
  readonly delimiter: Delimiter | null;
  readonly time: TimeReport;
  readonly assetColumn: string | null;
  readonly valueColumns: readonly string[];
  readonly columnsAs: 'assets' | 'columns';
  readonly assetPerFile: boolean;
  /** Data rows of all files, without headers and blank lines. */
  readonly rows: number;
  readonly duplicates: DuplicateReport;
  /** One entry a file; empty where there is one file alone. */
  readonly files: readonly FileReport[];
}

export interface DuplicateReport {
  readonly policy: DuplicatePolicy;
  /** Rows that did not become rows of their own. */
  readonly rows: number;
}

export interface FileReport {
  readonly file: string;
  readonly format: FileFormat;
  readonly rows: number;
}

export interface TimeReport {
  readonly column: string;
  readonly format: ReportedTimeFormat;
  /** `UTC`, the offset all timestamps carry, for example `+02:00`, or the stated time zone. */
  readonly zone: string;
  /** True when the timestamps name no zone, none was stated, and they were taken as UTC. */
  readonly zoneAssumed: boolean;
  /** Rows whose local time the clocks showed twice: read as its first occurrence, or, after that one, as its second. */
  readonly repeatedLocalTimes?: number;
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
