/** Texts that stand for "no value", in lower case: what pandas, R, Excel and the statistical offices write. */
export const MISSING_TEXTS: ReadonlySet<string> = new Set([
  '',
  'na',
  'n/a',
  '#n/a',
  'nan',
  '-nan',
  'null',
  'none',
  '-',
  '.',
  '?',
]);

/** What `readDecimal` gives for text that is not a finite decimal number. */
export const NOT_FINITE = Infinity;

/**
 * The number a field stands for: NaN when it is missing, `NOT_FINITE` for anything that is not a finite decimal number
 * (text, `Infinity`, `1e999`, hexadecimal, thousands separators). Spaces around it are ignored, -0 is read as 0.
 */
export function readDecimal(text: string, decimalSeparator: '.' | ','): number {
  const bare = decimalSeparator === ',' && !text.includes('.') ? text.replace(',', '.') : text;
  const value = Number(bare);
  // Number('') is 0, Number('0x1F') is 31: shapes that Number takes and a table does not mean.
  if (value - value === 0 && !(value === 0 && isBlank(bare)) && !hasRadix(bare)) {
    return decimalSeparator === ',' && text.includes('.') ? NOT_FINITE : value + 0;
  }
  return MISSING_TEXTS.has(text.trim().toLowerCase()) ? NaN : NOT_FINITE;
}

function isBlank(text: string): boolean {
  return text.length === 0 || text.trim() === '';
}

function hasRadix(text: string): boolean {
  const trimmed = text.trimStart();
  return trimmed.charCodeAt(0) === 48 && trimmed.length > 1 && 'xXoObB'.includes(trimmed.charAt(1));
}
