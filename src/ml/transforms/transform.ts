import type { ParameterSpace, ParameterValues } from '../parameters.js';

/** JSON-serialisable state of a fitted transform. */
export type TransformState = Readonly<Record<string, number | string | boolean | readonly number[]>>;

/**
 * A fittable, invertible, element-wise map of one column. Fitted on the train part only; NaN is left out when fitting
 * and stays NaN when transforming. `inverse(transform(x)) = x` to 1e-9 relative; a constant column maps to 0, not NaN.
 */
export interface Transform {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: ParameterSpace;
  fit(train: Float64Array, parameters: ParameterValues): TransformState;
  transform(values: Float64Array, state: TransformState): Float64Array;
  inverse(values: Float64Array, state: TransformState): Float64Array;
}
