import { multiply } from '../engine/graph/elementwise.js';
import type { GraphBuilder, SymbolicTensor } from '../engine/graph/graph-builder.js';
import { sum } from '../engine/graph/reductions.js';

/**
 * Quantiles [rows, horizon, targets, levels] of trained levels: in order, so that they do not cross, and their median.
 * `medianOf` reads the median of quantiles that are in order; it is linear, so its weights follow from its values for
 * 0 … 0 1 … 1.
 */
export function quantileOutputs(
  g: GraphBuilder,
  values: SymbolicTensor,
  medianOf: (quantiles: Float64Array) => number,
): { readonly quantiles: SymbolicTensor; readonly forecast: SymbolicTensor } {
  const levels = values.shape[3]!;
  const from = Array.from({ length: levels + 1 }, (_, first) =>
    medianOf(Float64Array.from({ length: levels }, (_, at) => (at >= first ? 1 : 0))),
  );
  const weights = Float64Array.from({ length: levels }, (_, at) => from[at]! - from[at + 1]!);
  const quantiles = sorted(g, values);
  return { quantiles, forecast: sum(g, multiply(g, quantiles, g.constant(weights, [levels])), [3]) };
}

/** Ascending along the last axis. */
function sorted(g: GraphBuilder, values: SymbolicTensor): SymbolicTensor {
  const count = values.shape[values.shape.length - 1]!;
  if (count === 1) return values;
  const attributes = { axis: { int: -1 }, largest: { int: 0 }, sorted: { int: 1 } };
  return g.emitAll('TopK', [values, g.integers([count])], [values.shape, values.shape], attributes)[0]!;
}
