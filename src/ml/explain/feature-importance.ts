/** What one input column is worth to a model. */
export interface ColumnImportance {
  readonly column: string;
  /** Null for columns that depend on the time axis only. */
  readonly asset: string | null;
  readonly assetClass: string | null;
  /** The feature step that made it, `series` for an asset's own series, `known-future` for a covariate at the forecast rows. */
  readonly step: string;
  /**
   * Relative rise of the squared error on the validation part when the column's values are exchanged between windows:
   * 0.1 means a tenth more error without what the column knows; 0 or less means it is of no use.
   */
  readonly importance: number;
  /** Standard deviation of the rise over the repeats. */
  readonly deviation: number;
}

/** Columns from the most to the least important; the artifact `feature-importance.json`. */
export interface ImportanceReport {
  readonly format: 1;
  readonly method: 'permutation';
  readonly part: 'validation';
  /** Windows of the part that were scored, evenly spread. */
  readonly windows: number;
  readonly repeats: number;
  /** Of the undisturbed model: mean squared error, scaled units, or what `lossName` says. */
  readonly loss: number;
  /** Absent: the mean squared error. */
  readonly lossName?: 'log';
  readonly columns: readonly ColumnImportance[];
  /** What the selection before the training decided; null when there was none. */
  readonly selection: SelectionReport | null;
}

/** Which columns went into the training, decided without the test part. */
export interface SelectionReport {
  readonly method: 'boosted-trees';
  readonly kept: readonly string[];
  readonly dropped: readonly string[];
  /** Squared error on the validation part relative to forecasting no change, with all columns and with those kept. */
  readonly lossOfAll: number;
  readonly lossOfKept: number;
}

/** Mean and population deviation of repeated measurements. */
export function meanAndDeviation(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** `count` elements at most, evenly spread over all, the first among them. */
export function spreadEvenly(values: Int32Array, count: number): Int32Array {
  if (values.length <= count) return values;
  return Int32Array.from({ length: count }, (_, at) => values[Math.floor((at * values.length) / count)]!);
}
