/**
 * Columns over one time axis, as plain data that crosses thread borders.
 * `times`: milliseconds since 1970 UTC, strictly ascending, length n. Each of `columns`: length n, NaN = missing,
 * never ±Infinity. `names[i]` names `columns[i]`.
 */
export interface TimeFrame {
  readonly times: Float64Array;
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
}

/** The series of one asset as imported: its own time axis, before alignment. */
export interface AssetFrame {
  readonly asset: string;
  readonly assetClass: string | null;
  readonly frame: TimeFrame;
}
