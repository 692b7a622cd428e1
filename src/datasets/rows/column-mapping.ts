import { TrainyardError } from '../../common/errors/index.js';
import type { ImportLimits, ReadingOptions } from './reading.js';

export interface NamedColumn {
  readonly index: number;
  readonly name: string;
}

/** Which field of a record is what. */
export interface ColumnMapping {
  /** Fields that each record must have. */
  readonly width: number;
  readonly time: NamedColumn;
  /** Null in wide files. */
  readonly asset: NamedColumn | null;
  readonly values: readonly NamedColumn[];
}

export const NAME_LENGTH_LIMIT = 128;

const TIME_NAMES = ['date', 'time', 'timestamp', 'datetime'];
const ASSET_NAMES = ['asset', 'symbol', 'ticker', 'series', 'sensor', 'item_id', 'unique_id'];

/** Whether a column of this name is taken for the one of the timestamps. */
export function isTimeName(name: string): boolean {
  return TIME_NAMES.includes(name.trim().toLowerCase());
}

/** Reads the header; every refusal names the columns there are and the option that helps. */
export function mapColumns(header: readonly string[], options: ReadingOptions, limits: ImportLimits): ColumnMapping {
  const names = header.map((name) => name.trim());
  checkHeader(names);
  const time = chooseColumn(names, options.timeColumn, TIME_NAMES, 'timeColumn', 'time');
  const asset =
    options.layout === 'long' ? chooseColumn(names, options.assetColumn, ASSET_NAMES, 'assetColumn', 'asset') : null;
  if (asset !== null && asset.index === time.index) {
    throw invalid(`the column "${time.name}" cannot be both timeColumn and assetColumn`, names);
  }
  const values = (
    options.valueColumns ?? names.filter((_, index) => index !== time.index && index !== asset?.index)
  ).map((name) => findColumn(names, name, 'valueColumns'));
  for (const { index, name } of values) {
    if (index === time.index || index === asset?.index) {
      throw invalid(`the column "${name}" is the time or asset column and cannot be one of valueColumns`, names);
    }
    if (name === '') {
      throw invalid(
        `column ${index + 1} has no name in the header: name it, or list the columns in valueColumns`,
        names,
      );
    }
    if (name.length > NAME_LENGTH_LIMIT) {
      throw invalid(
        `the name of column ${index + 1} has ${name.length} characters and may have ${NAME_LENGTH_LIMIT}`,
        names,
      );
    }
  }
  if (values.length === 0) {
    throw invalid(`there is no column of values beside "${time.name}": is the delimiter right?`, names);
  }
  assertWidth(values.length, options.layout === 'long' ? 'columns' : options.columnsAs, limits);
  return { width: names.length, time, asset, values };
}

/** `columnsAs` null: how many files there are decides later; until then the higher limit holds. */
export function assertWidth(width: number, columnsAs: ReadingOptions['columnsAs'], limits: ImportLimits): void {
  const what = columnsAs ?? (limits.assets > limits.columns ? 'assets' : 'columns');
  const limit = limits[what];
  if (width > limit) {
    throw new TrainyardError(
      'LIMIT_EXCEEDED',
      `the header has ${width} ${what} and this installation allows ${limit}: choose some with valueColumns`,
      { limit, value: width, what },
    );
  }
}

function checkHeader(names: readonly string[]): void {
  if (names.some((name) => name.includes('\r'))) {
    throw invalid('lines end with CR alone: save the file with LF or CRLF line ends', []);
  }
  const repeated = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw invalid(`the header names "${repeated}" twice: give each column a name of its own`, names);
  }
}

function chooseColumn(
  names: readonly string[],
  stated: string | null,
  known: readonly string[],
  option: string,
  role: string,
): NamedColumn {
  if (stated !== null) return findColumn(names, stated, option);
  const index = names.findIndex((name) => known.includes(name.toLowerCase()));
  if (index < 0) {
    throw invalid(
      `the header names no ${role} column (${known.join(', ')}): name it with ${option}; there is ${quoted(names)}`,
      names,
    );
  }
  return { index, name: names[index] ?? '' };
}

function findColumn(names: readonly string[], name: string, option: string): NamedColumn {
  const index = names.indexOf(name);
  if (index < 0) {
    throw new TrainyardError('COLUMN_UNKNOWN', `${option} names "${name}"; the header has ${quoted(names)}`, {
      option,
      value: name,
      columns: names,
    });
  }
  return { index, name };
}

function invalid(message: string, columns: readonly string[]): TrainyardError {
  return new TrainyardError('DATASET_FORMAT_INVALID', message, { columns });
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `"${name}"`);
  return names.length > 20 ? `${shown.join(', ')} and ${names.length - 20} more` : shown.join(', ');
}
