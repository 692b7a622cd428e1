import { TrainyardError } from '../../../common/errors/index.js';
import { applyChain } from '../../transforms/transform-chain.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import type { EnsembleState, TrainingContext } from '../algorithm.js';
import { throwIfCancelled } from '../training-loss.js';
import { forecastOfMember, type OpenMember } from './member-forecasts.js';

/**
 * The mean products of the members' errors, E[i][j] = Σ eᵢ eⱼ / n over the observed rows that the windows forecast, in
 * scaled units. With weights w that sum to 1 the error of the combination is Σ wᵢ eᵢ, so its mean squared error is wᵀ E w:
 * whatever weights are tried, no forecast has to be kept. Row-major, [members, members].
 */
export interface ErrorProducts {
  readonly products: Float64Array;
  /** Observed values. */
  readonly count: number;
  /** False: the budget ended before all windows were forecast, and these are of the first ones. */
  readonly isComplete: boolean;
}

/** Errors held at once, over all members: 4 MiB. */
const BLOCK_VALUES = 2 ** 19;
const NO_TIMES = new Float64Array(0);

/** `FORECAST_NOT_FINITE` naming the member, for one that forecasts what is not a finite number. */
export async function errorProducts(
  data: WindowedData,
  targets: EnsembleState['targets'],
  members: readonly OpenMember[],
  origins: Int32Array,
  context: TrainingContext,
): Promise<ErrorProducts> {
  const { horizon } = data;
  const cells = horizon * targets.length;
  const blockOrigins = Math.max(1, Math.min(512, Math.floor(BLOCK_VALUES / (cells * members.length))));
  const sums = new Float64Array(members.length * members.length);
  let count = 0;
  for (let start = 0; start < origins.length; start += blockOrigins) {
    const block = origins.subarray(start, start + blockOrigins);
    const rows = observedCells(data, block);
    const errors: Float64Array[] = [];
    for (const [at, one] of members.entries()) {
      throwIfCancelled(context);
      const forecasts = await forecastOfMember(one, data.inputs, block, data.future);
      const scaled = forecasts.map((values, target) => applyChain(targets[target]!, { times: NO_TIMES, values }));
      errors.push(errorsOf(scaled, rows, data, one.member.name));
      const fraction = (start + (block.length * (at + 1)) / members.length) / origins.length;
      context.onProgress({ fraction: 0.9 * fraction, epoch: 0, epochs: 0, loss: null });
      await context.breathe();
    }
    addProducts(sums, errors);
    count += rows.length;
    const isOver = context.maxRuntimeMs !== null && context.elapsedMs() >= context.maxRuntimeMs;
    if (isOver && count > 0 && start + blockOrigins < origins.length) {
      return { products: sums.map((sum) => sum / count), count, isComplete: false };
    }
  }
  return { products: sums.map((sum) => sum / count), count, isComplete: true };
}

/** Of the mean squared error that weights give, see `ErrorProducts`. */
export function lossOf({ products }: Pick<ErrorProducts, 'products'>, weights: ArrayLike<number>): number {
  const { length } = weights;
  let loss = 0;
  for (let i = 0; i < length; i++) {
    if (weights[i] === 0) continue;
    for (let j = 0; j < length; j++) loss += weights[i]! * weights[j]! * products[i * length + j]!;
  }
  return loss;
}

interface Cell {
  readonly target: number;
  /** Among the forecasts of the target, [origins, horizon]. */
  readonly at: number;
  readonly row: number;
}

function observedCells({ targets, horizon }: WindowedData, origins: Int32Array): Cell[] {
  const cells: Cell[] = [];
  targets.observed.forEach((observed, target) => {
    for (let window = 0; window < origins.length; window++) {
      for (let step = 0; step < horizon; step++) {
        const row = origins[window]! + 1 + step;
        if (observed[row] === 1) cells.push({ target, at: window * horizon + step, row });
      }
    }
  });
  return cells;
}

function errorsOf(
  scaled: readonly Float64Array[],
  cells: readonly Cell[],
  { targets, times }: WindowedData,
  member: string,
): Float64Array {
  return Float64Array.from(cells, ({ target, at, row }) => {
    const error = scaled[target]![at]! - targets.columns[target]![row]!;
    if (Number.isFinite(error)) return error;
    const time = new Date(times[row]!).toISOString();
    throw new TrainyardError(
      'FORECAST_NOT_FINITE',
      `${member} forecasts ${scaled[target]![at]!} for ${targets.names[target]!} at ${time}: leave it out of algorithm.hyperparameters.members`,
      { member, asset: targets.names[target], time, scaled: String(scaled[target]![at]) },
    );
  });
}

function addProducts(sums: Float64Array, errors: readonly Float64Array[]): void {
  const members = errors.length;
  for (let i = 0; i < members; i++) {
    for (let j = i; j < members; j++) {
      let sum = 0;
      for (let cell = 0; cell < errors[i]!.length; cell++) sum += errors[i]![cell]! * errors[j]![cell]!;
      sums[i * members + j]! += sum;
      if (j > i) sums[j * members + i]! += sum;
    }
  }
}
