import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { SeriesCalendar } from '../processing/processing-plan.js';

/** What a feature step sees: one asset on the common axis, after small gaps were imputed. */
export interface FeatureInput {
  /** Milliseconds UTC, strictly ascending, length n. */
  readonly times: Float64Array;
  /** The asset's main column, length n; NaN where masked. */
  readonly value: Float64Array;
  /** Another column of the asset (`high`, `volume`; case does not matter), or undefined when the asset has none. */
  column(name: string): Float64Array | undefined;
  /** For steps of scope `pair`: the asset that this one is compared with, on the same axis. */
  readonly reference?: { readonly asset: string; readonly value: Float64Array };
}

export interface FeatureColumn {
  /** Without assets, for example `SMA_7`; the processing puts `{asset}_` before it and, for a pair, `_{reference}` after. */
  readonly name: string;
  /** Length n; NaN during warm-up and wherever an input inside its window is NaN. */
  readonly values: Float64Array;
}

/**
 * One kind of feature. What an implementer owes:
 * - causality: row t is computed from rows ≤ t only, so changing any later value changes nothing at or before t;
 * - purity: no clock, no state between calls, no unseeded randomness;
 * - NaN: an input NaN poisons only the windows that contain it; recursive formulas restart after it;
 * - warm-up is NaN, never back-filled;
 * - its formula, edge cases and source are in its docstring.
 */
export interface FeatureStep {
  /** The name that templates and the catalogue use, for example `sma`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Counts up when the numbers that the step gives change: part of the feature set's identity. */
  readonly codeVersion: number;
  readonly parameters: ParameterSpace;
  /** What the columns are made of: one asset, the time axis alone (made once), or an asset and a reference asset. */
  readonly scope: 'asset' | 'axis' | 'pair';
  /** Milliseconds rather than microseconds for a few thousand rows: always computed in a thread, one block a turn. */
  readonly costly?: true;
  /** It reads no value of the asset: its columns are the same in every row, and model inputs without any scaling. */
  readonly isConstant?: true;
  /** Columns that the asset must have besides its main one, for example `high`; absent: none. */
  requiredColumns?(parameters: ParameterValues): readonly string[];
  /** Rows before the first complete value; what an online window needs in addition to the look-back. */
  warmUp(parameters: ParameterValues): number;
  /** Same names and order as `compute` gives. */
  columnNames(parameters: ParameterValues): readonly string[];
  /** False for a column that cannot vary in data of this calendar and is therefore no model input. Absent: keeps all. */
  keeps?(column: string, calendar: SeriesCalendar): boolean;
  /**
   * The latest row r ≤ `row` from which the step can begin anew: computed over rows r … alone, the values of rows `row` …
   * have the same bytes as computed over all. Absent, or 0, where everything since the beginning counts. It lets rows that were
   * appended to a dataset cost as much as they are, not as much as their history.
   */
  restartRow?(row: number, parameters: ParameterValues): number;
  /** `note` takes what a user should read of this computation, such as a fit that failed and what was used instead. */
  compute(input: FeatureInput, parameters: ParameterValues, note?: (message: string) => void): readonly FeatureColumn[];
}
