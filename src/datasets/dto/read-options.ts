import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { listFieldErrors, validationFailed } from '../../common/http/index.js';
import type { Delimiter, ReadingOptions, ThousandsSeparator } from '../rows/reading.js';
import type { ReportedTimeFormat } from '../rows/time-formats.js';
import type { AppendOptionsDto, ImportOptionsDto, ReadingOptionsDto } from './import-options.dto.js';

const DELIMITERS: Readonly<Record<'comma' | 'semicolon' | 'tab', Delimiter>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
};

const THOUSANDS: Readonly<
  Record<Exclude<NonNullable<ReadingOptionsDto['thousandsSeparator']>, 'none'>, ThousandsSeparator>
> = {
  comma: ',',
  point: '.',
  space: ' ',
  apostrophe: "'",
  underscore: '_',
};

/** Checks options that arrive as text; the pipe of the routes cannot, since a form's fields come with the stream. */
export async function readOptions<T extends ReadingOptionsDto>(type: new () => T, plain: object): Promise<T> {
  const options = plainToInstance(type, { ...plain });
  const errors = await validate(options, { whitelist: true, forbidNonWhitelisted: true });
  if (errors.length > 0) throw validationFailed(listFieldErrors(errors));
  return options;
}

export function readingOptionsOf(options: ImportOptionsDto): ReadingOptions {
  return withDistinctSeparators({
    layout: options.layout ?? (options.assetColumn === undefined ? null : 'long'),
    columnsAs: options.columnsAs ?? null,
    assetPerFile: null,
    asset: options.asset ?? options.name,
    timeColumn: options.timeColumn ?? null,
    assetColumn: options.assetColumn ?? null,
    valueColumns: options.valueColumns ?? null,
    timeFormat: options.timeFormat ?? null,
    timeZone: options.timeZone ?? null,
    order: options.order ?? 'strict',
    duplicates: options.duplicates ?? 'refuse',
    delimiter: delimiterOf(options.delimiter) ?? null,
    decimalSeparator: options.decimalSeparator ?? '.',
    thousandsSeparator: thousandsOf(options.thousandsSeparator) ?? null,
  });
}

/** How appended rows are read: as the dataset's were, but for what is stated anew. `timeFormat`: of the last file. */
export function appendedOptions(
  stored: ReadingOptions,
  timeFormat: ReportedTimeFormat,
  options: AppendOptionsDto,
): ReadingOptions {
  const delimiter = delimiterOf(options.delimiter);
  const thousandsSeparator = thousandsOf(options.thousandsSeparator);
  return withDistinctSeparators({
    ...stored,
    timeFormat: options.timeFormat ?? (timeFormat === 'timestamp' ? null : timeFormat),
    timeZone: options.timeZone ?? stored.timeZone ?? null,
    order: options.order ?? stored.order,
    duplicates: options.duplicates ?? stored.duplicates ?? 'refuse',
    delimiter: delimiter === undefined ? stored.delimiter : delimiter,
    decimalSeparator: options.decimalSeparator ?? stored.decimalSeparator,
    thousandsSeparator: thousandsSeparator === undefined ? (stored.thousandsSeparator ?? null) : thousandsSeparator,
  });
}

function withDistinctSeparators(options: ReadingOptions): ReadingOptions {
  if (options.decimalSeparator !== options.thousandsSeparator) return options;
  throw validationFailed([
    {
      path: 'thousandsSeparator',
      value: options.thousandsSeparator,
      message: `is the decimal separator, too: state decimalSeparator=${options.decimalSeparator === '.' ? ',' : '.'}, or another one`,
    },
  ]);
}

/** Undefined when not stated, null for `none`. */
function thousandsOf(name: ReadingOptionsDto['thousandsSeparator']): ThousandsSeparator | null | undefined {
  return name === undefined ? undefined : name === 'none' ? null : THOUSANDS[name];
}

/** Undefined when not stated, null for `auto`. */
function delimiterOf(name: ReadingOptionsDto['delimiter']): Delimiter | null | undefined {
  return name === undefined ? undefined : name === 'auto' ? null : DELIMITERS[name];
}
