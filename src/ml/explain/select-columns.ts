import { TrainyardError } from '../../common/errors/index.js';
import { createRandom } from '../engine/random.js';
import { binBorders, binColumns, type BinnedTable } from '../trees/bin-columns.js';
import { squaredLoss } from '../trees/boosting-loss.js';
import { readsColumn } from '../trees/flat-tree.js';
import {
  boostTrees,
  predictTrees,
  type BoostedTrees,
  type BoostingSettings,
  type EarlyStopping,
} from '../trees/gradient-boosting.js';
import { takeColumns, takeRows, withExchangedColumn } from '../trees/table-parts.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { meanAndDeviation, spreadEvenly } from './feature-importance.js';
import type { ImportanceContext } from './permutation-importance.js';

export interface ColumnSelection {
  /** Positions of the input columns that stay, ascending. */
  readonly kept: readonly number[];
  /** Squared error on the validation part relative to forecasting no change. */
  readonly lossOfAll: number;
  readonly lossOfKept: number;
}

const TRAIN_ROWS = 6_000;
const VALIDATION_ROWS = 2_000;
const MAXIMUM_TARGETS = 8;
const REPEATS = 5;
const STREAM = 0x5e1ec7;
/** The newest share of the train rows tells the boosting when to stop. */
const HELD_OUT_SHARE = 0.2;
const BINS = 63;
const BOOSTING: BoostingSettings & EarlyStopping = {
  rounds: 80,
  learningRate: 0.1,
  patience: 10,
  minimumChange: 0,
  growth: 'depth',
  maximumDepth: 4,
  maximumLeaves: 16,
  minimumRows: 20,
  lambda: 1,
  subsample: 1,
  columnSample: 1,
};

/**
 * Which input columns are worth keeping, found with gradient-boosted trees before the training, and without the test
 * part: trees learn on the train part to tell the mean change of each target over the horizon from the columns' values
 * at the origin, and a column is a candidate to go when exchanging its values between validation rows does not raise
 * the error by more than chance and `tolerance`. Two columns that say the same each look useless while the other is there, so all
 * candidates are then left out at once and the trees are fitted again; while the validation error is more than
 * `tolerance` above that of all columns, the better half of what was left out comes back.
 *
 * `fixed` are columns that stay whatever they are worth (the targets' own series). Null when a part has too few windows
 * to learn from. Deterministic in the seed.
 */
export async function selectColumns(
  data: WindowedData,
  fixed: ReadonlySet<number>,
  { tolerance, seed }: { readonly tolerance: number; readonly seed: number },
  context: ImportanceContext,
): Promise<ColumnSelection | null> {
  const train = spreadEvenly(data.origins.train, TRAIN_ROWS);
  const validation = spreadEvenly(data.origins.validation, VALIDATION_ROWS);
  if (train.length < 4 * BOOSTING.minimumRows || validation.length < BOOSTING.minimumRows) return null;
  const borders = data.inputs.columns.map((column) => binBorders(rowsOf(column, train), BINS));
  const binned = (origins: Int32Array): BinnedTable =>
    binColumns(
      data.inputs.columns.map((column) => rowsOf(column, origins)),
      borders,
    );
  const trees = new TreesOfColumns(data, { train, validation }, binned(train), binned(validation), context);

  const everything = data.inputs.columns.map((_, at) => at);
  const lossOfAll = await trees.fit(everything);
  const ranked: { readonly at: number; readonly importance: number }[] = [];
  for (const at of everything) {
    if (!fixed.has(at)) ranked.push({ at, importance: await trees.importance(at, seed) });
  }
  ranked.sort((left, right) => right.importance - left.importance || left.at - right.at);
  let dropped = ranked.filter(({ importance }) => importance <= tolerance).map(({ at }) => at);
  for (; dropped.length > 0; dropped = dropped.slice(Math.ceil(dropped.length / 2))) {
    const kept = everything.filter((at) => !dropped.includes(at));
    const lossOfKept = await trees.fit(kept);
    if (lossOfKept <= lossOfAll * (1 + tolerance)) return { kept, lossOfAll, lossOfKept };
  }
  return { kept: everything, lossOfAll, lossOfKept: lossOfAll };
}

/** Trees of every target over a choice of columns, and what they lose on the validation rows. */
class TreesOfColumns {
  private readonly targets: readonly { readonly train: Float64Array; readonly validation: Float64Array }[];
  private fitted: {
    readonly columns: readonly number[];
    /** By target. */
    readonly trees: readonly BoostedTrees[];
    readonly validation: BinnedTable;
    /** By target, of the validation rows. */
    readonly forecasts: readonly Float64Array[];
  } | null = null;
  private loss = 0;

  constructor(
    data: WindowedData,
    origins: { readonly train: Int32Array; readonly validation: Int32Array },
    private readonly train: BinnedTable,
    private readonly validation: BinnedTable,
    private readonly context: ImportanceContext,
  ) {
    const chosen = spreadEvenly(
      Int32Array.from(data.targets.names, (_, at) => at),
      MAXIMUM_TARGETS,
    );
    this.targets = Array.from(chosen, (target) => ({
      train: meanChanges(data, target, origins.train),
      validation: meanChanges(data, target, origins.validation),
    }));
  }

  async fit(columns: readonly number[]): Promise<number> {
    const chosen = takeColumns(this.train, columns);
    const fitRows = Math.ceil(chosen.rows * (1 - HELD_OUT_SHARE));
    const [fit, heldOut] = [takeRows(chosen, 0, fitRows), takeRows(chosen, fitRows, chosen.rows)];
    const trees: BoostedTrees[] = [];
    for (const { train } of this.targets) {
      const [fitted, held] = [train.subarray(0, fitRows), train.subarray(fitRows)];
      trees.push(
        boostTrees({ table: fit, values: fitted }, { table: heldOut, values: held }, squaredLoss, BOOSTING, 0),
      );
      await this.pause();
    }
    const validation = takeColumns(this.validation, columns);
    const forecasts = trees.map((one) => predictTrees(one, validation));
    this.fitted = { columns, trees, validation, forecasts };
    this.loss = this.lossOf(forecasts);
    return this.loss;
  }

  /**
   * Relative rise of the loss when the values of a column change places, less its deviation over the repeats: at most 0
   * for a column whose worth cannot be told from chance, 0 for one that no tree reads.
   */
  async importance(column: number, seed: number): Promise<number> {
    const { columns, trees, validation, forecasts } = this.fitted!;
    const at = columns.indexOf(column);
    // Only trees that read the column forecast anything else than before.
    const reading = trees.map((one) => ({
      base: new Float64Array(1),
      rounds: one.rounds.filter(([tree]) => readsColumn(tree!, at)),
    }));
    if (reading.every((one) => one.rounds.length === 0)) return 0;
    const before = reading.map((one) => predictTrees(one, validation));
    const rises: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const rows = Int32Array.from({ length: validation.rows }, (_, row) => row);
      const order = createRandom(seed, STREAM, column, repeat).shuffle(rows);
      const disturbed = withExchangedColumn(validation, at, order);
      const changed = reading.map((one, target) => {
        const after = predictTrees(one, disturbed);
        return forecasts[target]!.map((forecast, row) => forecast + after[row]! - before[target]![row]!);
      });
      rises.push(this.lossOf(changed) / this.loss - 1);
    }
    await this.pause();
    const { mean, deviation } = meanAndDeviation(rises);
    return mean - deviation;
  }

  private lossOf(forecasts: readonly Float64Array[]): number {
    let [error, change] = [0, 0];
    forecasts.forEach((ofTarget, target) => {
      const actual = this.targets[target]!.validation;
      ofTarget.forEach((forecast, row) => {
        error += (forecast - actual[row]!) ** 2;
        change += actual[row]! ** 2;
      });
    });
    return change === 0 ? 0 : error / change;
  }

  private async pause(): Promise<void> {
    if (this.context.isCancelled()) throw new TrainyardError('CANCELLED', 'cancelled while selecting columns');
    await this.context.breathe();
  }
}

/** Mean of the target over the horizon less its value at the origin, scaled units. */
function meanChanges({ targets, horizon }: WindowedData, target: number, origins: Int32Array): Float64Array {
  const column = targets.columns[target]!;
  return Float64Array.from(origins, (origin) => {
    let sum = 0;
    for (let step = 1; step <= horizon; step++) sum += column[origin + step]!;
    return sum / horizon - column[origin]!;
  });
}

function rowsOf(column: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => column[row]!);
}
