import type { Shape } from '../layers.js';
import { sameShape, type GraphBuilder, type SymbolicTensor } from './graph-builder.js';
import { reshape } from './movement.js';
import { sum } from './reductions.js';

type Operand = SymbolicTensor | number;

/** The shape of a result of two operands, by the rules of NumPy. */
function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, n) => {
    const x = a[a.length - rank + n] ?? 1;
    const y = b[b.length - rank + n] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a.join()}] and [${b.join()}] cannot be combined`);
    return Math.max(x, y);
  });
}

/** The gradient of an operand that was repeated along some axes: the sum over them. */
function reduceTo(g: GraphBuilder, gradient: SymbolicTensor, shape: Shape): SymbolicTensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const ahead = gradient.shape.length - shape.length;
  const repeated = gradient.shape.flatMap((extent, n) =>
    n < ahead || (shape[n - ahead] === 1 && extent !== 1) ? [n] : [],
  );
  return reshape(g, repeated.length > 0 ? sum(g, gradient, repeated) : gradient, shape);
}

const lift = (g: GraphBuilder, operand: Operand): SymbolicTensor =>
  typeof operand === 'number' ? g.constant(operand) : operand;

function combine(g: GraphBuilder, operator: string, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
  return g.emit(operator, [a, b], broadcastShape(a.shape, b.shape));
}

export function add(g: GraphBuilder, first: Operand, second: Operand): SymbolicTensor {
  const a = lift(g, first);
  const b = lift(g, second);
  if (g.uniformValue(b) === 0 && sameShape(broadcastShape(a.shape, b.shape), a.shape)) return a;
  const result = combine(g, 'Add', a, b);
  g.record([a, b], [result], ([d]) => [() => reduceTo(g, d!, a.shape), () => reduceTo(g, d!, b.shape)]);
  return result;
}

export function subtract(g: GraphBuilder, first: Operand, second: Operand): SymbolicTensor {
  const a = lift(g, first);
  const b = lift(g, second);
  const result = combine(g, 'Sub', a, b);
  g.record([a, b], [result], ([d]) => [
    () => reduceTo(g, d!, a.shape),
    () => reduceTo(g, multiply(g, d!, -1), b.shape),
  ]);
  return result;
}

export function multiply(g: GraphBuilder, first: Operand, second: Operand): SymbolicTensor {
  const a = lift(g, first);
  const b = lift(g, second);
  const shape = broadcastShape(a.shape, b.shape);
  if (g.uniformValue(b) === 1 && sameShape(shape, a.shape)) return a;
  if (g.uniformValue(a) === 1 && sameShape(shape, b.shape)) return b;
  const result = combine(g, 'Mul', a, b);
  g.record([a, b], [result], ([d]) =>
    a === b
      ? [() => multiply(g, multiply(g, d!, a), 2), null]
      : [() => reduceTo(g, multiply(g, d!, b), a.shape), () => reduceTo(g, multiply(g, d!, a), b.shape)],
  );
  return result;
}

export function divide(g: GraphBuilder, first: Operand, second: Operand): SymbolicTensor {
  const a = lift(g, first);
  const b = lift(g, second);
  const result = combine(g, 'Div', a, b);
  g.record([a, b], [result], ([d]) => [
    () => reduceTo(g, divide(g, d!, b), a.shape),
    () => reduceTo(g, multiply(g, divide(g, multiply(g, d!, result), b), -1), b.shape),
  ]);
  return result;
}

/** An element-wise function; `slope` gives its derivative, from the input and the output. */
function elementwise(
  g: GraphBuilder,
  operator: string,
  x: SymbolicTensor,
  slope: (y: SymbolicTensor) => SymbolicTensor,
): SymbolicTensor {
  const y = g.emit(operator, [x], x.shape);
  g.record([x], [y], ([d]) => [() => multiply(g, d!, slope(y))]);
  return y;
}

export const sigmoid = (g: GraphBuilder, x: SymbolicTensor): SymbolicTensor =>
  elementwise(g, 'Sigmoid', x, (y) => subtract(g, y, multiply(g, y, y)));

export const tanh = (g: GraphBuilder, x: SymbolicTensor): SymbolicTensor =>
  elementwise(g, 'Tanh', x, (y) => subtract(g, 1, multiply(g, y, y)));

export const exp = (g: GraphBuilder, x: SymbolicTensor): SymbolicTensor => elementwise(g, 'Exp', x, (y) => y);

export const log = (g: GraphBuilder, x: SymbolicTensor): SymbolicTensor =>
  elementwise(g, 'Log', x, () => divide(g, 1, x));

export const squareRoot = (g: GraphBuilder, x: SymbolicTensor): SymbolicTensor =>
  elementwise(g, 'Sqrt', x, (y) => divide(g, 0.5, y));

/** log(1 + eˣ). The runtime has it in single precision only; in double it is max(x, 0) + log(1 + e^−|x|). */
export function softplus(g: GraphBuilder, x: SymbolicTensor): SymbolicTensor {
  const y = g.withoutRecording(() => {
    if (g.precision === 'float32') return g.emit('Softplus', [x], x.shape);
    const magnitude = g.emit('Abs', [x], x.shape);
    return add(g, relu(g, x), log(g, add(g, exp(g, multiply(g, magnitude, -1)), 1)));
  });
  g.record([x], [y], ([d]) => [() => multiply(g, d!, g.emit('Sigmoid', [x], x.shape))]);
  return y;
}

export const relu = (g: GraphBuilder, x: SymbolicTensor): SymbolicTensor =>
  elementwise(g, 'Relu', x, (y) => isPositive(g, y));

/** x·Φ(x), exactly; in single precision only, where the runtime has erf. Source: Hendrycks & Gimpel, Gaussian Error Linear Units, 2016. */
export function gelu(g: GraphBuilder, x: SymbolicTensor): SymbolicTensor {
  const scaled = g.emit('Mul', [x, g.constant(Math.SQRT1_2)], x.shape);
  const half = g.emit('Mul', [g.emit('Erf', [scaled], x.shape), g.constant(0.5)], x.shape);
  const cumulative = g.emit('Add', [half, g.constant(0.5)], x.shape);
  const y = g.emit('Mul', [x, cumulative], x.shape);
  g.record([x], [y], ([d]) => [
    () => {
      const density = multiply(g, exp(g, multiply(g, multiply(g, x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return multiply(g, d!, add(g, cumulative, multiply(g, x, density)));
    },
  ]);
  return y;
}

/** |x|, with slope −1 at 0. */
export const absolute = (g: GraphBuilder, x: SymbolicTensor): SymbolicTensor =>
  elementwise(g, 'Abs', x, () => subtract(g, multiply(g, isPositive(g, x), 2), 1));

/**
 * 1 where x > 0, else 0. As a steep HardSigmoid in single precision: one fast kernel, where Greater and Cast are two
 * slow ones; that kernel does not exist in double precision.
 */
export function isPositive(g: GraphBuilder, x: SymbolicTensor): SymbolicTensor {
  if (g.precision === 'float32')
    return g.emit('HardSigmoid', [x], x.shape, { alpha: { float: 3e38 }, beta: { float: 0 } });
  const greater = g.emit('Greater', [x, g.constant(0)], x.shape, {}, { type: 'bool' });
  return g.emit('Cast', [greater], x.shape, { to: { int: 11 } });
}

/** Softmax over the last axis. */
export function softmax(g: GraphBuilder, x: SymbolicTensor): SymbolicTensor {
  const y = g.emit('Softmax', [x], x.shape, { axis: { int: -1 } });
  g.record([x], [y], ([d]) => [
    () => {
      const weighted = multiply(g, d!, y);
      return subtract(g, weighted, multiply(g, y, sum(g, weighted, [x.shape.length - 1], true)));
    },
  ]);
  return y;
}

/** x between −limit and limit; slope 1 inside, 0 outside. */
export function clampMagnitude(g: GraphBuilder, x: SymbolicTensor, limit: number): SymbolicTensor {
  const low = g.emit('Max', [x, g.constant(-limit)], x.shape);
  const y = g.emit('Min', [low, g.constant(limit)], x.shape);
  g.record([x], [y], ([d]) => [() => multiply(g, d!, isPositive(g, subtract(g, limit, absolute(g, x))))]);
  return y;
}
