/** 1 for every row with a value, 0 for NaN. */
export function observedRows(values: Float64Array): Uint8Array {
  return Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1));
}
