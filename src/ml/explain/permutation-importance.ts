import { TrainyardError } from '../../common/errors/index.js';
import type { Forecaster } from '../algorithms/algorithm.js';
import { createRandom, type Random } from '../engine/random.js';
import type { EvaluationContext } from '../evaluation/evaluate.js';
import type { InputMatrix, WindowedData } from '../windows/windowed-data.js';
import { meanAndDeviation, spreadEvenly } from './feature-importance.js';

/** What a long computation may ask of its host; it has no progress of its own. */
export type ImportanceContext = Pick<EvaluationContext, 'isCancelled' | 'breathe'>;

export interface PermutationImportance {
  readonly windows: number;
  readonly repeats: number;
  /** Mean squared error of the undisturbed forecasts over observed rows, scaled units. */
  readonly loss: number;
  /** Per input column, in their order: relative rise of the loss. */
  readonly columns: readonly { readonly importance: number; readonly deviation: number }[];
}

const REPEATS = 3;
const MAXIMUM_WINDOWS = 256;
const MINIMUM_WINDOWS = 16;
/** Input values that all forecasts together may read: about a second of a linear model. */
const READ_BUDGET = 4e8;
/** A stream of random numbers of its own, beside those of training. */
const STREAM = 0x1337;

/**
 * Permutation importance (Breiman, Random Forests, 2001; Fisher, Rudin & Dominici, 2019) of every input column of a
 * forecaster: how much the squared error on the validation part rises when the column's windows are exchanged between
 * origins. Whole windows are exchanged, so that a column keeps the look of a series. Columns that say the same share
 * their importance, since the model can fall back on the other.
 *
 * Scores up to 256 windows, evenly spread, fewer where the model is large. Null when the part has fewer than two
 * windows with an observed row. The same seed gives the same numbers.
 */
export async function permutationImportance(
  data: WindowedData,
  forecaster: Forecaster,
  seed: number,
  context: ImportanceContext,
): Promise<PermutationImportance | null> {
  const { lookBack } = data;
  const all = data.inputs.columns;
  const perWindow = all.length * lookBack * Math.max(64, data.horizon * data.targets.names.length);
  const affordable = Math.floor(READ_BUDGET / (perWindow * all.length * REPEATS));
  const sampled = Math.max(MINIMUM_WINDOWS, Math.min(MAXIMUM_WINDOWS, affordable));
  const origins = spreadEvenly(data.origins.validation, sampled);
  const stacked = stackWindows(data.inputs, origins, lookBack);
  const stackedOrigins = Int32Array.from(origins, (_, at) => (at + 1) * lookBack - 1);
  const lossOf = async (inputs: InputMatrix): Promise<number | null> =>
    squaredError(data, origins, await forecaster.forecast(inputs, stackedOrigins));
  const loss = origins.length < 2 ? null : await lossOf(stacked);
  if (loss === null || loss === 0) return null;

  const columns: PermutationImportance['columns'][number][] = [];
  for (const [at, column] of stacked.columns.entries()) {
    const rises: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      if (context.isCancelled()) throw new TrainyardError('CANCELLED', 'cancelled while measuring feature importance');
      const shuffled = exchangeWindows(column, lookBack, createRandom(seed, STREAM, at, repeat));
      const disturbed = stacked.columns.map((values, other) => (other === at ? shuffled : values));
      const disturbedLoss = await lossOf({ ...stacked, columns: disturbed });
      rises.push(disturbedLoss! / loss - 1);
      await context.breathe();
    }
    const { mean, deviation } = meanAndDeviation(rises);
    columns.push({ importance: mean, deviation });
  }
  return { windows: origins.length, repeats: REPEATS, loss, columns };
}

/** The windows of the origins one after the other, so that no two share a row. */
function stackWindows(inputs: InputMatrix, origins: Int32Array, lookBack: number): InputMatrix {
  return {
    ...inputs,
    columns: inputs.columns.map((column) => {
      const stacked = new Float64Array(origins.length * lookBack);
      origins.forEach((origin, at) => stacked.set(column.subarray(origin - lookBack + 1, origin + 1), at * lookBack));
      return stacked;
    }),
  };
}

function exchangeWindows(column: Float64Array, lookBack: number, random: Random): Float64Array {
  const order = random.shuffle(Int32Array.from({ length: column.length / lookBack }, (_, at) => at));
  const exchanged = new Float64Array(column.length);
  order.forEach((from, to) => exchanged.set(column.subarray(from * lookBack, (from + 1) * lookBack), to * lookBack));
  return exchanged;
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
