/** How scores are written for people: the same in pictures, tables and logs. */

/** Three significant digits, and all of those before the point: `1234`, `12.3`, `0.123`; `1.23e+6` from a million on. */
export function errorText(value: number): string {
  const size = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return size > 5 || size < -4 ? value.toExponential(2) : value.toFixed(Math.max(0, 2 - size));
}

/** Whole percent with a real minus sign; `–` for a skill that is not defined. */
export function skillText(skill: number | null): string {
  if (skill === null) return '–';
  const percent = Math.round(100 * skill);
  return `${percent < 0 ? '−' : ''}${Math.abs(percent)} %`;
}

/** ` (p 0.03)`; empty where nothing was tested. */
export function pValueText(test: { readonly pValue: number } | null): string {
  if (test === null) return '';
  return test.pValue < 0.001 ? ' (p < 0.001)' : ` (p ${test.pValue.toFixed(3)})`;
}

/** `2785` → `2,785`. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
