import type { ParameterSpace, ParameterValues } from '../parameters.js';

/** JSON-serialisable state of a fitted transform. */
export type TransformState = Readonly<Record<string, number | string | boolean | readonly number[]>>;

/** One column on its axis: `values[r]` at `times[r]`, milliseconds UTC, strictly ascending; NaN = missing. */
export interface Series {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** What a fit may know besides the train values. */
export interface FitFacts {
  /** Rows of the data's season. */
  readonly seasonLength: number;
  /** Whose values they are, for messages. */
  readonly column: string;
}

interface DescribedTransform {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: ParameterSpace;
  /**
   * `series`: changes what a series is measured in (logarithm, changes, distance from a trend), and passes feature
   * columns by: an RSI has no return and a sine of the hour no logarithm. `any`: scales whatever column it is given.
   */
  readonly appliesTo: 'any' | 'series';
}

/**
 * A fittable, invertible, element-wise map of one column. Fitted on the train part only; NaN is left out when fitting
 * and stays NaN when transforming. `inverse(transform(x)) = x` to 1e-9 relative; a scaler maps a constant column to one
 * constant, never to NaN.
 */
export interface ElementWiseTransform extends DescribedTransform {
  readonly kind: 'element-wise';
  fit(train: Float64Array, parameters: ParameterValues, facts: FitFacts): TransformState;
  transform(values: Float64Array, state: TransformState): Float64Array;
  inverse(values: Float64Array, state: TransformState): Float64Array;
}

/**
 * A fittable map in which a row depends on its position: on its time, or on rows before it. What an implementer owes
 * besides what an element-wise one does: row t of `transform` depends on rows ≤ t and on the fit alone, a missing value
 * makes only the rows NaN that need it, and rows without enough rows before them are NaN.
 *
 * The inverse is that of a forecast: given what was known at the origin, `inverseAfter` turns the transformed rows
 * origin + 1 … origin + n into the values of those rows. It reads `series.values` up to the origin, and `series.times`
 * up to origin + n, which a calendar knows in advance.
 */
export interface PositionalTransform extends DescribedTransform {
  readonly kind: 'positional';
  fit(train: Series, parameters: ParameterValues, facts: FitFacts): TransformState;
  transform(series: Series, state: TransformState): Float64Array;
  inverseAfter(future: Float64Array, series: Series, origin: number, state: TransformState): Float64Array;
  /** Rows up to the origin that the inverse reads. */
  contextRows(state: TransformState): number;
}

export type Transform = ElementWiseTransform | PositionalTransform;
