import { TrainyardError, type ErrorCode } from '../../common/errors/index.js';
import { isAssetName } from './layout-detection.js';

/** Why a row is rejected, with what to do about it. */
const REMEDIES = {
  TIMESTAMP_INVALID: 'correct the timestamps, or state their form with timeFormat',
  TIMESTAMP_DUPLICATE: 'keep one row per asset and time, or state duplicates=first, last or mean',
  TIMESTAMP_UNSORTED: 'sort the file by time, or import it with order=sort',
  TIME_ZONES_MIXED: 'write all timestamps in UTC, or all without a zone',
  VALUE_NOT_FINITE: 'correct or empty these fields, or leave their columns out with valueColumns',
  ROW_RAGGED: 'give each row the fields that the header has',
  ASSET_INVALID: 'name an asset of 1 to 128 characters in each row',
} as const;

export type RejectionCode = keyof typeof REMEDIES;

/** Codes of the error table: what an import fails with when all its rejections are of that kind. */
const OWN_ERRORS: Readonly<Partial<Record<RejectionCode, ErrorCode>>> = {
  TIMESTAMP_INVALID: 'TIMESTAMP_INVALID',
  TIMESTAMP_DUPLICATE: 'TIMESTAMP_DUPLICATE',
  TIMESTAMP_UNSORTED: 'TIMESTAMP_UNSORTED',
  TIME_ZONES_MIXED: 'TIME_ZONES_MIXED',
  VALUE_NOT_FINITE: 'VALUE_NOT_FINITE',
};

/** Where a row stands: text files count lines, from 1 and with the header, all others records, from 1. */
export interface RowSource {
  readonly unit: 'line' | 'record';
  /** Null where the upload has no name. */
  readonly file: string | null;
}

export interface RejectedRow {
  readonly file?: string;
  readonly line?: number;
  readonly record?: number;
  readonly column: string | null;
  readonly code: RejectionCode;
  readonly value: string | null;
  readonly reason: string;
}

const LISTED_ROWS = 100;
const VALUE_LENGTH = 100;

/** Counts every rejected row and lists the first hundred. A row is rejected once, for the first thing wrong in it. */
export class RowRejections {
  private readonly listed: RejectedRow[] = [];
  private readonly byCode = new Map<RejectionCode, number>();
  private readonly byColumn = new Map<string | null, number>();
  private count = 0;

  add(
    source: RowSource,
    number: number,
    code: RejectionCode,
    column: string | null,
    value: string | null,
    reason: string,
  ): void {
    this.count++;
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1);
    this.byColumn.set(column, (this.byColumn.get(column) ?? 0) + 1);
    if (this.listed.length < LISTED_ROWS) {
      this.listed.push({
        ...(source.file === null ? {} : { file: source.file }),
        [source.unit]: number,
        column,
        code,
        value: value === null ? null : shorten(value),
        reason,
      });
    }
  }

  /** Fails the import when a row was rejected: nothing is half-imported. */
  assertNone(rows: number, layout: 'wide' | 'long'): void {
    const files = [...new Set(this.listed.map(({ file }) => file))];
    this.listed.sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || numberOf(a) - numberOf(b));
    const [first] = this.listed;
    if (first === undefined) return;
    const codes = [...this.byCode.keys()];
    const kind = codes.length === 1 ? OWN_ERRORS[first.code] : undefined;
    const place = placeOf(
      { unit: first.line === undefined ? 'record' : 'line', file: first.file ?? null },
      numberOf(first),
    );
    const where = first.column === null ? place : `${place}, column "${first.column}"`;
    const verb = this.count === 1 ? 'was' : 'were';
    const rejected = `${this.count} of ${rows} ${rows === 1 ? 'row' : 'rows'} ${verb} rejected and nothing was imported`;
    throw new TrainyardError(
      kind ?? 'ROWS_REJECTED',
      `${rejected}. First: ${where}: ${first.reason}. ${this.remedy(codes, rows, layout)}`,
      {
        rows,
        rejectedRows: this.count,
        rejectedByCode: Object.fromEntries(this.byCode),
        rejections: this.listed,
      },
    );
  }

  private remedy(codes: readonly RejectionCode[], rows: number, layout: 'wide' | 'long'): string {
    const column = [...this.byColumn.keys()][0] ?? '';
    if (codes.length === 1 && codes[0] === 'VALUE_NOT_FINITE' && this.byColumn.size === 1 && this.count === rows) {
      const ifNamed =
        layout === 'wide' && isAssetName(this.listed[0]?.value ?? '')
          ? `state layout=long&assetColumn=${column} if it names the asset of each row, or `
          : '';
      return `No row has a number in "${column}": ${ifNamed}leave it out by listing the other columns in valueColumns`;
    }
    const sentence = codes.map((code) => REMEDIES[code]).join('; ');
    return sentence.charAt(0).toUpperCase() + sentence.slice(1);
  }
}

/** `line 3`, `record 3 of prices.json`. */
export function placeOf({ unit, file }: RowSource, number: number): string {
  return file === null ? `${unit} ${number}` : `${unit} ${number} of ${file}`;
}

function numberOf({ line, record }: RejectedRow): number {
  return line ?? record ?? 0;
}

function shorten(text: string): string {
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)}…` : text;
}
