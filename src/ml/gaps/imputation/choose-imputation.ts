import { createRandom, type Random } from '../../engine/random.js';
import type { ImputationContext, ImputationState } from './imputation-method.js';
import { CAUSAL_NAMES, getImputationMethod } from './imputation-methods.js';

/** How one column is filled; frozen at the fit, stored with the model. */
export interface FittedImputation {
  readonly method: string;
  readonly state: ImputationState;
  /** Of `auto`: the mean absolute error of each candidate on known values that were masked. */
  readonly scores?: Readonly<Record<string, number>>;
}

/** Runs that are masked where the train part has no small gap to draw lengths from. */
const DEFAULT_LENGTHS = [1, 2, 3, 6];
const MAXIMUM_RUNS = 60;
/** At most this share of the observed rows is masked: the rest must still look like the series. */
const MASKED_SHARE = 0.15;
const SCORED_ROWS = 4_000;
const SEED = 20_240_229;

/** Fits one method to the train part of a column; `auto` chooses it first. */
export function fitImputation(
  name: string,
  train: Float64Array,
  limitRows: number,
  context: ImputationContext,
): FittedImputation {
  const scores = name === 'auto' ? scoreImputations(train, limitRows, context) : null;
  const method = scores === null ? name : best(scores);
  const state = getImputationMethod(method).fit(train, context);
  return scores === null ? { method, state } : { method, state, scores };
}

/**
 * Masks known values of the train part, in runs as long as its own small gaps, lets each method fill them that was
 * fitted on the rest, and gives the mean absolute errors. The runs come from a fixed seed, so that the same data gives
 * the same choice. Empty when there is too little data to mask any.
 *
 * Candidates are the causal methods. One that looks across the gap nearly always has the smaller error here, which says
 * nothing about its use: it costs every window that ends inside a gap, and cannot fill the gap that is open now.
 */
export function scoreImputations(
  train: Float64Array,
  limitRows: number,
  context: ImputationContext,
): Readonly<Record<string, number>> {
  if (limitRows < 1) return {};
  const rows = train.slice(Math.max(0, train.length - SCORED_ROWS));
  const masked = maskRuns(rows, limitRows, context.seasonLength, createRandom(SEED));
  if (masked === null) return {};
  const scores = CAUSAL_NAMES.map((name): [string, number] => {
    const method = getImputationMethod(name);
    const { values } = method.fill(masked.values, limitRows, method.fit(masked.values, context));
    const errors = masked.rows.map((row) => Math.abs(values[row]! - rows[row]!));
    return [name, errors.reduce((sum, error) => sum + error, 0) / errors.length];
  });
  return Object.fromEntries(scores);
}

/** The least error; of equal ones the first candidate, and without scores the simplest one. */
function best(scores: Readonly<Record<string, number>>): string {
  return CAUSAL_NAMES.reduce((chosen, name) =>
    (scores[name] ?? Infinity) < (scores[chosen] ?? Infinity) ? name : chosen,
  );
}

function maskRuns(values: Float64Array, limitRows: number, seasonLength: number, random: Random) {
  const lengths = smallGapLengths(values, limitRows);
  const observed = values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  // What repeats a season has to have seen some.
  const earliest = Math.min(2 * seasonLength, values.length >> 1);
  const masked = values.slice();
  const rows: number[] = [];
  // Each draw may fall on a gap: there are more draws than runs, and not endlessly many.
  for (let draw = 0, runs = 0; draw < 20 * MAXIMUM_RUNS && runs < MAXIMUM_RUNS; draw++) {
    const length = lengths[random.integer(lengths.length)]!;
    if (rows.length + length > MASKED_SHARE * observed || values.length - earliest < length + 2) continue;
    const start = earliest + 1 + random.integer(values.length - earliest - length - 1);
    // A row with a value on either side keeps runs apart, and as long as they were drawn.
    if (masked.subarray(start - 1, start + length + 1).some(Number.isNaN)) continue;
    for (let row = start; row < start + length; row++) {
      masked[row] = NaN;
      rows.push(row);
    }
    runs++;
  }
  return rows.length === 0 ? null : { values: masked, rows };
}

/** Lengths of the gaps of at most `limitRows` rows, as often as they occur. */
function smallGapLengths(values: Float64Array, limitRows: number): number[] {
  const lengths: number[] = [];
  let lastObserved = -1;
  values.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    const length = row - lastObserved - 1;
    if (lastObserved >= 0 && length > 0 && length <= limitRows) lengths.push(length);
    lastObserved = row;
  });
  if (lengths.length > 0) return lengths;
  const usual = DEFAULT_LENGTHS.filter((length) => length <= limitRows);
  return usual.length > 0 ? usual : [1];
}
