import type { ColumnMapping, NamedColumn } from './column-mapping.js';
import { MISSING_TEXTS } from './decimal.js';
import type { ReadingOptions } from './reading.js';

/** Fewer than `layout=long` takes without `assetColumn`: a "sensor" or "series" may as well be a state beside numbers. */
const DETECTED_NAMES = ['asset', 'ticker', 'symbol', 'item_id', 'unique_id'];

/** Begins with a letter or a sign such as ^: what begins as a number does may be a number in another form. */
const ASSET_NAME = /^[^-+.,\d].*$/su;
const LETTER = /\p{L}/u;

/**
 * The column of a file read as wide that makes it a long one if it holds names. Null where options say what the columns
 * are. A file that has names there cannot be wide: each row would be refused.
 */
export function findAssetColumn({ values }: ColumnMapping, options: ReadingOptions): NamedColumn | null {
  if (options.layout !== null || options.columnsAs !== null || options.valueColumns !== null) return null;
  return values.find(({ name }) => DETECTED_NAMES.includes(name.toLowerCase())) ?? null;
}

/** Whether what the first rows have in that column are names, all that are there. */
export function areAssetNames(fields: readonly unknown[]): boolean {
  const stated = fields.filter(
    (field) =>
      field !== null &&
      field !== undefined &&
      !(typeof field === 'string' && MISSING_TEXTS.has(field.trim().toLowerCase())),
  );
  return stated.length > 0 && stated.every((field) => typeof field === 'string' && isAssetName(field.trim()));
}

/** Whether a text may be an asset's name, and no number in whatever form. */
export function isAssetName(text: string): boolean {
  return ASSET_NAME.test(text) && LETTER.test(text);
}
