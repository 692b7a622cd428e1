import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { SeriesCalendar } from '../processing/processing-plan.js';

/** What a feature step sees: one asset on the common axis, after small gaps were imputed. */
export interface FeatureInput {
  /** Milliseconds UTC, strictly ascending, length n. */
  readonly times: Float64Array;
  /** The asset's main column, length n; NaN where masked. */
  readonly value: Float64Array;
  /** Another column of the asset (`high`, `volume`), or undefined when the dataset does not have it. */
  column(name: string): Float64Array | undefined;
}

export interface FeatureColumn {
  /** Without the asset, for example `SMA_7`; the processing puts `{asset}_` before it. */
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
  /** True when the columns depend on the time axis only and are made once, not per asset. */
  readonly assetIndependent?: boolean;
  /** Rows before the first complete value; what an online window needs in addition to the look-back. */
  warmUp(parameters: ParameterValues): number;
  /** Same names and order as `compute` gives. */
  columnNames(parameters: ParameterValues): readonly string[];
  /** False for a column that cannot vary in data of this calendar and is therefore no model input. Absent: keeps all. */
  keeps?(column: string, calendar: SeriesCalendar): boolean;
  compute(input: FeatureInput, parameters: ParameterValues): readonly FeatureColumn[];
}
