import type { FeatureInput } from '#src/ml/features/feature-step.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Uniform numbers in 0…1 from a seed (mulberry32): tests do not depend on Math.random. */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `length` times from `start` with a fixed step. */
export function regularTimes(length: number, stepMs: number, start = Date.UTC(2020, 0, 1)): Float64Array {
  return Float64Array.from({ length }, (_, row) => start + row * stepMs);
}

/** A random walk around `offset`. */
export function randomWalk(length: number, seed: number, offset = 0): Float64Array {
  const uniform = seededUniform(seed);
  let value = offset;
  return Float64Array.from({ length }, () => (value += uniform() - 0.5));
}

/** A series as a feature step sees it, hourly and without other columns; `reference` is what a pair is made with. */
export function featureInput(
  value: ArrayLike<number>,
  times = regularTimes(value.length, HOUR_MS),
  reference?: ArrayLike<number>,
): FeatureInput {
  const input = { times, value: Float64Array.from(value), column: () => undefined };
  if (reference === undefined) return input;
  return { ...input, reference: { asset: 'reference', value: Float64Array.from(reference) } };
}

/** High, low and volume that go with a series, row by row and so without look-ahead: NaN where the value is NaN. */
export type BarColumns = Record<'high' | 'low' | 'volume', Float64Array>;

export function barColumns(value: ArrayLike<number>): BarColumns {
  // A seed each, so that a longer series has the same rows before.
  const [up, down, traded] = [seededUniform(97), seededUniform(98), seededUniform(99)];
  return {
    high: Float64Array.from(value, (one) => one + up()),
    low: Float64Array.from(value, (one) => one - down()),
    volume: Float64Array.from(value, (one) => (1 + 1_000 * traded()) * (Number.isNaN(one) ? NaN : 1)),
  };
}

/** A series and its bars as a feature step sees them; a column that is not among `names` is not there. */
export function barInput(
  value: ArrayLike<number>,
  names: readonly string[] = ['high', 'low', 'volume'],
  bars: BarColumns = barColumns(value),
): FeatureInput {
  return {
    ...featureInput(value),
    column: (name) => (names.includes(name) ? bars[name as keyof BarColumns] : undefined),
  };
}

/** The rows from `row` on, as if the asset began there. */
export function inputFrom(input: FeatureInput, row: number): FeatureInput {
  return {
    times: input.times.slice(row),
    value: input.value.slice(row),
    column: (name) => input.column(name)?.slice(row),
    ...(input.reference === undefined
      ? {}
      : { reference: { ...input.reference, value: input.reference.value.slice(row) } }),
  };
}

/** Rows whose bits differ (every NaN counts as the same); the longer array's surplus rows differ, too. */
export function differingRows(left: ArrayLike<number>, right: ArrayLike<number>): number[] {
  const rows: number[] = [];
  for (let row = 0; row < Math.max(left.length, right.length); row++) {
    if (!Object.is(left[row], right[row])) rows.push(row);
  }
  return rows;
}

/** Largest |left − right| / max(1, |right|); Infinity where just one of the two is NaN or the lengths differ. */
export function largestError(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) return Infinity;
  let largest = 0;
  for (let row = 0; row < left.length; row++) {
    const [a, b] = [left[row]!, right[row]!];
    if (Number.isNaN(a) !== Number.isNaN(b)) return Infinity;
    if (!Number.isNaN(a)) largest = Math.max(largest, Math.abs(a - b) / Math.max(1, Math.abs(b)));
  }
  return largest;
}
