import type { Shape } from '../layers.js';
import { transpose, reshape } from './movement.js';
import { sameShape, type GraphBuilder, type SymbolicTensor } from './graph-builder.js';

interface Transposed {
  readonly a?: boolean;
  readonly b?: boolean;
}

/** a·b (+ c) of matrices, either one transposed first. `c` is [columns] or the shape of the product. */
export function gemm(
  g: GraphBuilder,
  a: SymbolicTensor,
  b: SymbolicTensor,
  c: SymbolicTensor | null = null,
  { a: flipA = false, b: flipB = false }: Transposed = {},
): SymbolicTensor {
  const [rows, inner] = flipA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [innerB, columns] = flipB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (inner !== innerB) throw new Error(`[${a.shape.join()}] and [${b.shape.join()}] cannot be multiplied`);
  // [columns] and [1, columns] are added alike.
  const row = c && g.reshaped.get(c);
  const added = row && sameShape(row.shape, [1, columns]) ? row : c;
  const result = g.emit('Gemm', added ? [a, b, added] : [a, b], [rows, columns], {
    transA: { int: flipA ? 1 : 0 },
    transB: { int: flipB ? 1 : 0 },
  });
  g.record(c ? [a, b, c] : [a, b], [result], ([d]) => [
    () => (flipA ? gemm(g, b, d!, null, { a: flipB, b: true }) : gemm(g, d!, b, null, { b: !flipB })),
    () => (flipB ? gemm(g, d!, a, null, { a: true, b: flipA }) : productOfTransposed(g, a, d!, flipA)),
    c && (() => (c.shape.length === 2 && c.shape[0] === rows ? d! : columnSums(g, d!, c.shape))),
  ]);
  return result;
}

/** From this many rows on a tall and narrow product is computed the other way round. */
const TALL_ROWS = 512;

/**
 * aᵀ·d, the gradient of a weight. With many rows and few columns of `d` the product dᵀ·a is faster by far, and its
 * transposition is small.
 */
function productOfTransposed(g: GraphBuilder, a: SymbolicTensor, d: SymbolicTensor, flipA: boolean): SymbolicTensor {
  if (flipA) return gemm(g, a, d);
  const [rows, inner] = a.shape as [number, number];
  const columns = d.shape[1]!;
  if (columns === 1) return reshape(g, gemm(g, reshape(g, d, [1, rows]), a), [inner, 1]);
  if (rows >= TALL_ROWS && columns * 2 <= inner) return transpose(g, gemm(g, d, a, null, { a: true }), [1, 0]);
  return gemm(g, a, d, null, { a: true });
}

/** Sums over rows as a product with ones, which is faster than a reduction. */
export function columnSums(g: GraphBuilder, matrix: SymbolicTensor, shape: Shape): SymbolicTensor {
  const [rows, columns] = matrix.shape as [number, number];
  if (columns === 1) return reshape(g, g.emit('ReduceSum', [matrix], [1, 1]), shape);
  return reshape(g, gemm(g, g.constant(1, [1, rows]), matrix), shape);
}

/**
 * base + factor·x of rows [1, n], as the product of a 1×1 matrix: one pass over memory where Mul and Add are two.
 * Not recorded. `factor` is a number or [1, 1].
 */
export function addScaled(
  g: GraphBuilder,
  base: SymbolicTensor,
  factor: SymbolicTensor | number,
  x: SymbolicTensor,
): SymbolicTensor {
  const matrix = typeof factor === 'number' ? g.constant(factor, [1, 1]) : factor;
  return g.emit('Gemm', [matrix, x, base], x.shape);
}

/** Products of the last two axes, the others counted alike in both. */
export function batchMatMul(
  g: GraphBuilder,
  a: SymbolicTensor,
  b: SymbolicTensor,
  { a: flipA = false, b: flipB = false }: Transposed = {},
): SymbolicTensor {
  const rank = a.shape.length;
  const shape = [...a.shape.slice(0, -2), a.shape[flipA ? rank - 1 : rank - 2]!, b.shape[flipB ? rank - 2 : rank - 1]!];
  const result =
    g.operators === 'standard'
      ? plainProduct(g, flipA ? lastTwoTurned(g, a) : a, flipB ? lastTwoTurned(g, b) : b, shape)
      : g.emit(
          'FusedMatMul',
          [a, b],
          shape,
          { transA: { int: flipA ? 1 : 0 }, transB: { int: flipB ? 1 : 0 } },
          { domain: 'com.microsoft' },
        );
  g.record([a, b], [result], ([d]) => [
    () => (flipA ? batchMatMul(g, b, d!, { a: flipB, b: true }) : batchMatMul(g, d!, b, { b: !flipB })),
    () => (flipB ? batchMatMul(g, d!, a, { a: true, b: flipA }) : batchMatMul(g, a, d!, { a: !flipA })),
  ]);
  return result;
}

const plainProduct = (g: GraphBuilder, a: SymbolicTensor, b: SymbolicTensor, shape: Shape): SymbolicTensor =>
  g.emit('MatMul', [a, b], shape);

function lastTwoTurned(g: GraphBuilder, x: SymbolicTensor): SymbolicTensor {
  const rank = x.shape.length;
  const order = x.shape.map((_, n) => (n < rank - 2 ? n : 2 * rank - 3 - n));
  return g.withoutRecording(() => transpose(g, x, order));
}
