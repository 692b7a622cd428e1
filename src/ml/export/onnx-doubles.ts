import type { GraphBuilder, SymbolicTensor } from '../engine/graph/graph-builder.js';

/** Numbers of `TensorProto.DataType`. */
const TO = { float32: 1, float64: 11 } as const;

/**
 * Values given in single precision, as a graph that counts in double reads them: what is computed from them is what our
 * own forecasters compute from the same numbers.
 */
export function doubleInput(g: GraphBuilder, name: string, shape: readonly number[]) {
  const input = g.input(name, shape, 'float32');
  return { input, values: inDouble(g, input) };
}

export const inDouble = (g: GraphBuilder, x: SymbolicTensor): SymbolicTensor =>
  g.emit('Cast', [x], x.shape, { to: { int: TO.float64 } }, { type: 'float64' });

export const inSingle = (g: GraphBuilder, x: SymbolicTensor): SymbolicTensor =>
  g.emit('Cast', [x], x.shape, { to: { int: TO.float32 } }, { type: 'float32' });

/** Elements of an axis, in the order of `places`. */
export function gather(g: GraphBuilder, x: SymbolicTensor, axis: number, places: readonly number[]): SymbolicTensor {
  const shape = x.shape.map((extent, n) => (n === axis ? places.length : extent));
  return g.emit('Gather', [x, g.integers(places)], shape, { axis: { int: axis } });
}
