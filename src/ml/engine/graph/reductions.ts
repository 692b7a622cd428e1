import { type GraphBuilder, sameShape, type SymbolicTensor } from './graph-builder.js';
import type { Shape } from '../layers.js';
import { reshape } from './movement.js';

const allAxes = (x: SymbolicTensor): number[] => x.shape.map((_, n) => n);

/** Sum over `axes`, all by default; with `keep` they stay as extents of 1. The gradient repeats along them. */
export function sum(g: GraphBuilder, x: SymbolicTensor, axes = allAxes(x), keep = false): SymbolicTensor {
  if (axes.length === 0) return x;
  const kept = x.shape.map((extent, n) => (axes.includes(n) ? 1 : extent));
  const shape = keep ? kept : x.shape.filter((_, n) => !axes.includes(n));
  const result = g.emit('ReduceSum', [x, g.integers(axes)], shape, { keepdims: { int: keep ? 1 : 0 } });
  g.record([x], [result], ([d]) => [() => expand(g, reshape(g, d!, kept), x.shape)]);
  return result;
}

/** Repeats axes of extent 1; the gradient sums over them. */
export function expand(g: GraphBuilder, x: SymbolicTensor, shape: Shape): SymbolicTensor {
  if (sameShape(x.shape, shape)) return x;
  const uniform = g.uniformValue(x);
  if (uniform !== undefined) return g.constant(uniform, shape);
  const result = g.emit('Expand', [x, g.integers(shape)], shape);
  const ahead = shape.length - x.shape.length;
  const repeated = shape.flatMap((extent, n) => (n < ahead || (x.shape[n - ahead] === 1 && extent !== 1) ? [n] : []));
  g.record([x], [result], ([d]) => [() => reshape(g, sum(g, d!, repeated), x.shape)]);
  return result;
}
