import type { Shape } from '../layers.js';
import { sameShape, sizeOf, type GraphBuilder, type SymbolicTensor } from './graph-builder.js';

/** Another shape of the same values; of a reshaped value what that was made from is taken, where it has the same gradient. */
export function reshape(g: GraphBuilder, x: SymbolicTensor, shape: Shape): SymbolicTensor {
  if (sizeOf(x.shape) !== sizeOf(shape)) throw new Error(`[${x.shape.join()}] cannot become [${shape.join()}]`);
  if (sameShape(x.shape, shape)) return x;
  const uniform = g.uniformValue(x);
  if (uniform !== undefined) return g.constant(uniform, shape);
  const before = g.reshaped.get(x);
  if (before && g.isDifferentiable(before) === g.isDifferentiable(x)) return reshape(g, before, shape);
  const result = g.emit('Reshape', [x, g.integers(shape)], shape);
  g.reshaped.set(result, x);
  g.record([x], [result], ([d]) => [() => reshape(g, d!, x.shape)]);
  return result;
}

/**
 * Reorders axes. A rotation of the axes is written as the transposition of a matrix, which is several times faster
 * than one of three axes.
 */
export function transpose(g: GraphBuilder, x: SymbolicTensor, order: readonly number[]): SymbolicTensor {
  if (order.every((axis, n) => axis === n)) return x;
  const before = g.transposed.get(x);
  // Back to what it was: layers that work on another order of axes then follow each other without moving anything.
  if (before && order.every((axis, n) => before.order[axis] === n)) return before.from;
  const shape = order.map((axis) => x.shape[axis]!);
  const turned = order[0]!;
  const isRotation = order.every((axis, n) => axis === (turned + n) % order.length);
  const inverse = order.map((_, n) => order.indexOf(n));
  let result: SymbolicTensor;
  if (isRotation && order.length > 2) {
    const rows = sizeOf(x.shape.slice(0, turned));
    const matrix = g.withoutRecording(() => reshape(g, x, [rows, sizeOf(x.shape) / rows]));
    const flipped = g.emit('Transpose', [matrix], [matrix.shape[1]!, rows], { perm: { ints: [1, 0] } });
    result = g.withoutRecording(() => reshape(g, flipped, shape));
  } else {
    result = g.emit('Transpose', [x], shape, { perm: { ints: order } });
  }
  g.transposed.set(result, { from: x, order });
  g.record([x], [result], ([d]) => [() => transpose(g, d!, inverse)]);
  return result;
}

export function concat(g: GraphBuilder, parts: readonly SymbolicTensor[], axis: number): SymbolicTensor {
  if (parts.length === 1) return parts[0]!;
  const sizes = parts.map(({ shape }) => shape[axis]!);
  const shape = parts[0]!.shape.map((extent, n) => (n === axis ? sizes.reduce((a, b) => a + b) : extent));
  const result = g.emit('Concat', parts, shape, { axis: { int: axis } });
  g.record(parts, [result], ([d]) => parts.map((_, n) => () => split(g, d!, axis, sizes)[n]!));
  return result;
}

export function split(
  g: GraphBuilder,
  x: SymbolicTensor,
  axis: number,
  sizes: readonly number[],
): readonly SymbolicTensor[] {
  if (sizes.length === 1) return [x];
  const shapes = sizes.map((size) => x.shape.map((extent, n) => (n === axis ? size : extent)));
  const results = g.emitAll('Split', [x, g.integers(sizes)], shapes, { axis: { int: axis } });
  g.record([x], results, (parts) => [
    () =>
      concat(
        g,
        parts.map((part, n) => part ?? g.constant(0, shapes[n])),
        axis,
      ),
  ]);
  return results;
}

/** Rows `from` … `to` − 1 of one axis. */
export function slice(g: GraphBuilder, x: SymbolicTensor, axis: number, from: number, to: number): SymbolicTensor {
  const extent = x.shape[axis]!;
  if (from === 0 && to === extent) return x;
  const shape = x.shape.map((size, n) => (n === axis ? to - from : size));
  const result = g.emit('Slice', [x, g.integers([from]), g.integers([to]), g.integers([axis])], shape);
  g.record([x], [result], ([d]) => [() => pad(g, d!, axis, from, extent - to)]);
  return result;
}

/** Zeros before and after along one axis; a negative number takes values away. */
export function pad(g: GraphBuilder, x: SymbolicTensor, axis: number, before: number, after: number): SymbolicTensor {
  if (before === 0 && after === 0) return x;
  const rank = x.shape.length;
  const pads = new Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[rank + axis] = after;
  const shape = x.shape.map((extent, n) => (n === axis ? extent + before + after : extent));
  const result = g.emit('Pad', [x, g.integers(pads)], shape);
  g.record([x], [result], ([d]) => [() => pad(g, d!, axis, -before, -after)]);
  return result;
}
