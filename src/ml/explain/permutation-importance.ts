import { TrainyardError } from '../../common/errors/index.js';
import type { Forecaster } from '../algorithms/algorithm.js';
import { createRandom, type Random } from '../engine/random.js';
import type { EvaluationContext } from '../evaluation/evaluate.js';
import { DIRECTIONS, labelsOfTarget, UNLABELLED } from '../windows/direction-labels.js';
import type { InputMatrix, WindowedData } from '../windows/windowed-data.js';
import { meanAndDeviation, spreadEvenly } from './feature-importance.js';

/** What a long computation may ask of its host; it has no progress of its own. */
export type ImportanceContext = Pick<EvaluationContext, 'isCancelled' | 'breathe'>;

export interface PermutationImportance {
  readonly windows: number;
  readonly repeats: number;
  /** Of the undisturbed model over observed rows: mean squared error in scaled units, or log loss of directions. */
  readonly loss: number;
  /** Per input column, in their order: relative rise of the loss. */
  readonly columns: readonly MeasuredColumn[];
  /** Per known-future covariate: the same when the values at its forecast rows change places. */
  readonly future: readonly MeasuredColumn[];
}

interface MeasuredColumn {
  readonly importance: number;
  readonly deviation: number;
}

const REPEATS = 3;
/** No probability counts as less, see `multiClassLogLoss`. */
const LEAST_PROBABILITY = 1e-15;
const MAXIMUM_WINDOWS = 256;
const MINIMUM_WINDOWS = 16;
/** Input values that all forecasts together may read: about a second of a linear model. */
const READ_BUDGET = 4e8;
/** A stream of random numbers of its own, beside those of training. */
const STREAM = 0x1337;
const FUTURE_STREAM = 0x1338;

/**
 * Permutation importance (Breiman, Random Forests, 2001; Fisher, Rudin & Dominici, 2019) of every input column of a
 * forecaster: how much the squared error (the log loss under the task
 * direction) on the validation part rises when the column's windows are exchanged between
 * origins. Whole windows are exchanged, so that a column keeps the look of a series. Columns that say the same share
 * their importance, since the model can fall back on the other. `reads.future`: the forecaster reads known-future
 * covariates; of these the forecast rows are exchanged, what they were up to the origin stays.
 *
 * Scores up to 256 windows, evenly spread, fewer where the model is large. Null when the part has fewer than two
 * windows with an observed row. The same seed gives the same numbers.
 */
export async function permutationImportance(
  data: WindowedData,
  forecaster: Forecaster,
  seed: number,
  context: ImportanceContext,
  reads: { readonly future: boolean } = { future: true },
): Promise<PermutationImportance | null> {
  const { lookBack, horizon } = data;
  const future = reads.future ? data.future : undefined;
  const all = data.inputs.columns;
  const perWindow = all.length * lookBack * Math.max(64, horizon * data.targets.names.length);
  const affordable = Math.floor(READ_BUDGET / (perWindow * (all.length + (future?.columns.length ?? 0)) * REPEATS));
  const sampled = Math.max(MINIMUM_WINDOWS, Math.min(MAXIMUM_WINDOWS, affordable));
  const origins = spreadEvenly(data.origins.validation, sampled);
  // Windows one after the other, each with its forecast rows where these are read, so that no two share a row.
  const ahead = future === undefined ? 0 : horizon;
  const stacked = stackWindows(data.inputs, origins, { from: 1 - lookBack, to: ahead });
  const stackedFuture = future && stackWindows(future, origins, { from: 1 - lookBack, to: ahead });
  const rows = lookBack + ahead;
  const stackedOrigins = Int32Array.from(origins, (_, at) => at * rows + lookBack - 1);
  const lossOf = async (inputs: InputMatrix, known: InputMatrix | undefined): Promise<number | null> =>
    data.directions === undefined
      ? squaredError(data, origins, await forecaster.forecast(inputs, stackedOrigins, known))
      : logLoss(data, origins, await forecaster.classProbabilities!(inputs, stackedOrigins, known));
  const loss = origins.length < 2 ? null : await lossOf(stacked, stackedFuture);
  if (loss === null || loss === 0) return null;

  const measure = async (stream: number, at: number, disturbed: (random: Random) => Promise<number | null>) => {
    const rises: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      if (context.isCancelled()) throw new TrainyardError('CANCELLED', 'cancelled while measuring feature importance');
      rises.push((await disturbed(createRandom(seed, stream, at, repeat)))! / loss - 1);
      await context.breathe();
    }
    const { mean, deviation } = meanAndDeviation(rises);
    return { importance: mean, deviation };
  };
  const ofInputs: MeasuredColumn[] = [];
  const ofFuture: MeasuredColumn[] = [];
  for (const at of stacked.columns.keys()) {
    const exchanged = (random: Random): InputMatrix =>
      withExchanged(stacked, at, { rows, from: 0, to: lookBack }, random);
    ofInputs.push(await measure(STREAM, at, (random) => lossOf(exchanged(random), stackedFuture)));
  }
  for (const at of stackedFuture?.columns.keys() ?? []) {
    const exchanged = (random: Random): InputMatrix =>
      withExchanged(stackedFuture!, at, { rows, from: lookBack, to: rows }, random);
    ofFuture.push(await measure(FUTURE_STREAM, at, (random) => lossOf(stacked, exchanged(random))));
  }
  return { windows: origins.length, repeats: REPEATS, loss, columns: ofInputs, future: ofFuture };
}

/** The rows origin + from … origin + to of the origins, one after the other. */
function stackWindows(
  inputs: InputMatrix,
  origins: Int32Array,
  { from, to }: { readonly from: number; readonly to: number },
): InputMatrix {
  const rows = to - from + 1;
  return {
    ...inputs,
    columns: inputs.columns.map((column) => {
      const stacked = new Float64Array(origins.length * rows);
      origins.forEach((origin, at) => stacked.set(column.subarray(origin + from, origin + to + 1), at * rows));
      return stacked;
    }),
  };
}

/** Of every `rows` stacked rows, [from, to). */
interface ExchangedRows {
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

/** The matrix with these rows of one column exchanged between windows. */
function withExchanged(
  matrix: InputMatrix,
  at: number,
  { rows, from, to }: ExchangedRows,
  random: Random,
): InputMatrix {
  const column = matrix.columns[at]!;
  const order = random.shuffle(Int32Array.from({ length: column.length / rows }, (_, window) => window));
  const exchanged = column.slice();
  order.forEach((source, window) => {
    exchanged.set(column.subarray(source * rows + from, source * rows + to), window * rows + from);
  });
  return { ...matrix, columns: matrix.columns.map((values, other) => (other === at ? exchanged : values)) };
}

/** Mean over the observed rows that the origins forecast; null when there is none. */
function squaredError({ targets, horizon }: WindowedData, origins: Int32Array, forecasts: Float64Array): number | null {
  const width = targets.names.length;
  let [sum, count] = [0, 0];
  origins.forEach((origin, window) => {
    for (let step = 1; step <= horizon; step++) {
      for (let target = 0; target < width; target++) {
        if (targets.observed[target]![origin + step] !== 1) continue;
        const forecast = forecasts[(window * horizon + step - 1) * width + target]!;
        sum += (forecast - targets.columns[target]![origin + step]!) ** 2;
        count++;
      }
    }
  });
  return count === 0 ? null : sum / count;
}

/** Mean over the observed changes of the origins; null when there is none. */
function logLoss(data: WindowedData, origins: Int32Array, probabilities: Float64Array): number | null {
  const { horizon } = data;
  const width = data.targets.names.length;
  const classes = DIRECTIONS.length;
  let [sum, count] = [0, 0];
  data.targets.names.forEach((_, target) => {
    labelsOfTarget(data, target, origins).forEach((label, at) => {
      if (label === UNLABELLED) return;
      const cell = (Math.floor(at / horizon) * horizon + (at % horizon)) * width + target;
      sum -= Math.log(Math.max(LEAST_PROBABILITY, probabilities[cell * classes + label]!));
      count++;
    });
  });
  return count === 0 ? null : sum / count;
}
