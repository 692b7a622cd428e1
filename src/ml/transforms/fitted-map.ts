import type { TransformState } from './transform.js';

/** Applies `map` to every number; NaN stays NaN. A new array. */
export function mapValues(values: Float64Array, map: (value: number) => number): Float64Array {
  const mapped = new Float64Array(values.length).fill(NaN);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (!Number.isNaN(value)) mapped[row] = map(value);
  }
  return mapped;
}

/** A number of a fitted state; a state of another transform is a bug, not an input error. */
export function stateNumber(state: TransformState, name: string): number {
  const value = state[name];
  if (typeof value !== 'number') throw new Error(`transform state has no number ${name}: ${JSON.stringify(state)}`);
  return value;
}
