import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { listFieldErrors, validationFailed } from '../../common/http/index.js';
import type { CsvOptions, Delimiter } from '../csv/csv-options.js';
import type { AppendOptionsDto, ImportOptionsDto, ReadingOptionsDto } from './import-options.dto.js';

const DELIMITERS: Readonly<Record<'comma' | 'semicolon' | 'tab', Delimiter>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
};

/** Checks options that arrive as text; the pipe of the routes cannot, since a form's fields come with the stream. */
export async function readOptions<T extends ReadingOptionsDto>(type: new () => T, plain: object): Promise<T> {
  const options = plainToInstance(type, { ...plain });
  const errors = await validate(options, { whitelist: true, forbidNonWhitelisted: true });
  if (errors.length > 0) throw validationFailed(listFieldErrors(errors));
  return options;
}

export function csvOptionsOf(options: ImportOptionsDto): CsvOptions {
  return {
    layout: options.layout ?? 'wide',
    columnsAs: options.columnsAs ?? 'assets',
    asset: options.asset ?? options.name,
    timeColumn: options.timeColumn ?? null,
    assetColumn: options.assetColumn ?? null,
    valueColumns: options.valueColumns ?? null,
    timeFormat: options.timeFormat ?? null,
    order: options.order ?? 'strict',
    delimiter: delimiterOf(options.delimiter) ?? null,
    decimalSeparator: options.decimalSeparator ?? '.',
  };
}

/** How appended rows are read: as the dataset's were, but for what is stated anew. `timeFormat`: of the last file. */
export function appendedCsvOptions(
  stored: CsvOptions,
  timeFormat: CsvOptions['timeFormat'],
  options: AppendOptionsDto,
): CsvOptions {
  const delimiter = delimiterOf(options.delimiter);
  return {
    ...stored,
    timeFormat: options.timeFormat ?? timeFormat,
    order: options.order ?? stored.order,
    delimiter: delimiter === undefined ? stored.delimiter : delimiter,
    decimalSeparator: options.decimalSeparator ?? stored.decimalSeparator,
  };
}

/** Undefined when not stated, null for `auto`. */
function delimiterOf(name: ReadingOptionsDto['delimiter']): Delimiter | null | undefined {
  return name === undefined ? undefined : name === 'auto' ? null : DELIMITERS[name];
}
