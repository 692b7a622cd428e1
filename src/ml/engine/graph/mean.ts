import { multiply } from './elementwise.js';
import { sizeOf, type GraphBuilder, type SymbolicTensor } from './graph-builder.js';
import { sum } from './reductions.js';

/** Mean over `axes`; with `keep` they stay as extents of 1. */
export function mean(g: GraphBuilder, x: SymbolicTensor, axes: readonly number[], keep = false): SymbolicTensor {
  return multiply(g, sum(g, x, [...axes], keep), 1 / sizeOf(axes.map((axis) => x.shape[axis]!)));
}
