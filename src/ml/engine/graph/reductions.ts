import { multiply } from './elementwise.js';
import { sizeOf, type GraphBuilder, type SymbolicTensor } from './graph-builder.js';
import { expand, reshape } from './movement.js';

const allAxes = (x: SymbolicTensor): number[] => x.shape.map((_, n) => n);

/** Sum over `axes`, all by default; with `keep` they stay as extents of 1. */
export function sum(g: GraphBuilder, x: SymbolicTensor, axes = allAxes(x), keep = false): SymbolicTensor {
  if (axes.length === 0) return x;
  const kept = x.shape.map((extent, n) => (axes.includes(n) ? 1 : extent));
  const shape = keep ? kept : x.shape.filter((_, n) => !axes.includes(n));
  const result = g.emit('ReduceSum', [x, g.integers(axes)], shape, { keepdims: { int: keep ? 1 : 0 } });
  g.record([x], [result], ([d]) => [() => expand(g, reshape(g, d!, kept), x.shape)]);
  return result;
}

export function mean(g: GraphBuilder, x: SymbolicTensor, axes = allAxes(x), keep = false): SymbolicTensor {
  return multiply(g, sum(g, x, axes, keep), 1 / sizeOf(axes.map((axis) => x.shape[axis]!)));
}
