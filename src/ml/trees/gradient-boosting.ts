import { createRandom } from '../engine/random.js';
import type { BinnedTable } from './bin-columns.js';
import type { BoostingLoss } from './boosting-loss.js';
import { addTree, type FlatTree } from './flat-tree.js';
import { newPackedGradients, packGradients, type PackedGradients } from './packed-gradients.js';
import { TreeGrower, type TreeSettings } from './tree-grower.js';

export interface BoostingSettings extends TreeSettings {
  /** Share of its best value that a leaf adds. */
  readonly learningRate: number;
  /** Share of the rows that a tree is grown on, drawn anew for each. */
  readonly subsample: number;
  /** Share of the columns that a tree may split, drawn anew for each. */
  readonly columnSample: number;
}

/** An ensemble: output k of a row is base[k] + Σ trees[round][k]. */
export interface BoostedTrees {
  readonly base: Float64Array;
  /** By round, then by output. */
  readonly rounds: readonly (readonly FlatTree[])[];
}

/** An ensemble that boosting goes on from. */
export interface BoostedOrigin {
  readonly base: Float64Array;
  readonly rounds: number;
  /** By output: what it says of each row, the base included. */
  readonly sums: readonly Float64Array[];
}

function startSums(base: Float64Array, rows: number, origin: readonly Float64Array[] | undefined): Float64Array[] {
  return Array.from(base, (start, output) => origin?.[output]?.slice() ?? new Float64Array(rows).fill(start));
}

/** Streams of random numbers; the round follows. */
const STREAMS = { rows: 11, columns: 12 } as const;

/**
 * Gradient boosting (Friedman, Greedy Function Approximation, Annals of Statistics 29, 2001; rows drawn as in Stochastic
 * Gradient Boosting, 2002): each round adds one tree for each output, grown on the gradients of the loss at the sums so
 * far, its leaves Newton steps G / (H + λ) or what the loss finds best. What a round draws follows from the seed and its
 * number, so a run that goes on from stored rounds ends with the same bits. Rows of weight 0 are not there.
 */
export class Booster {
  readonly base: Float64Array;
  readonly rounds: (readonly FlatTree[])[] = [];
  private readonly sums: Float64Array[];
  private readonly gradients: Float64Array[];
  private readonly curvatures: Float64Array[] | null;
  private readonly packed: PackedGradients;
  private readonly grower: TreeGrower;
  private readonly rows: Int32Array;

  constructor(
    private readonly table: BinnedTable,
    private readonly values: Float64Array,
    private readonly weights: Float64Array | null,
    private readonly loss: BoostingLoss,
    private readonly settings: BoostingSettings,
    private readonly seed: number,
    /** An ensemble that is there already, and what it says of the rows: trees are added on top, as later rounds. */
    private readonly origin: BoostedOrigin | null = null,
  ) {
    const all = Int32Array.from({ length: table.rows }, (_, row) => row);
    this.rows = weights === null ? all : all.filter((row) => weights[row]! > 0);
    if (this.rows.length === 0) throw new Error('boosting needs a row');
    this.base = origin?.base ?? loss.base(values, weights);
    this.sums = startSums(this.base, table.rows, origin?.sums);
    const curved = !loss.hasUnitCurvature || weights !== null;
    this.gradients = this.sums.map(() => new Float64Array(table.rows));
    this.curvatures = loss.hasUnitCurvature ? null : this.sums.map(() => new Float64Array(table.rows));
    this.packed = newPackedGradients(table.rows, curved);
    this.grower = new TreeGrower(table, settings);
  }

  get rowCount(): number {
    return this.rows.length;
  }

  /** Takes rounds of an earlier run as if they had been added here. */
  restore(rounds: readonly (readonly FlatTree[])[]): void {
    for (const trees of rounds) {
      trees.forEach((tree, output) => addTree(tree, this.table, this.sums[output]!));
      this.rounds.push(trees);
    }
  }

  addRound(): readonly FlatTree[] {
    const { table, loss, values, weights, sums, packed } = this;
    const round = (this.origin?.rounds ?? 0) + this.rounds.length;
    loss.differentiate(values, weights, sums, this.gradients, this.curvatures);
    const sample = this.sampleRows(round);
    const columns = this.sampleColumns(round);
    const trees = sums.map((ofOutput, output) => {
      const gradients = this.gradients[output]!;
      const curvatures = this.curvatures?.[output] ?? weights;
      packGradients(packed, sample, gradients, curvatures);
      const { tree, starts, ends } = this.grower.grow(sample, columns, packed);
      for (let leaf = 0; leaf < starts.length; leaf++) {
        const rows = sample.subarray(starts[leaf], ends[leaf]);
        tree.leaves[leaf] = this.settings.learningRate * this.leafValue(rows, ofOutput, gradients, curvatures);
      }
      if (sample.length === table.rows) {
        for (let leaf = 0; leaf < starts.length; leaf++) {
          const value = tree.leaves[leaf]!;
          for (let at = starts[leaf]!; at < ends[leaf]!; at++) ofOutput[sample[at]!]! += value;
        }
      } else addTree(tree, table, ofOutput);
      // The next output's tree sees the rows in order again, so that it does not depend on this one's.
      if (sums.length > 1) sample.sort();
      return tree;
    });
    this.rounds.push(trees);
    return trees;
  }

  /** Weighted mean over the rows, with all rounds so far. */
  trainLoss(): number {
    return this.loss.loss(this.values, this.weights, this.sums);
  }

  private leafValue(
    rows: Int32Array,
    sums: Float64Array,
    gradients: Float64Array,
    curvatures: Float64Array | null,
  ): number {
    const { loss, values, weights } = this;
    if (loss.leafValue !== undefined) {
      const residuals = Float64Array.from(rows, (row) => values[row]! - sums[row]!);
      return loss.leafValue(residuals, weights === null ? null : Float64Array.from(rows, (row) => weights[row]!));
    }
    let [gradient, curvature] = [0, 0];
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at]!;
      gradient += gradients[row]!;
      curvature += curvatures === null ? 1 : curvatures[row]!;
    }
    const divisor = curvature + this.settings.lambda;
    return divisor > 0 ? gradient / divisor : 0;
  }

  private sampleRows(round: number): Int32Array {
    const { subsample } = this.settings;
    if (subsample >= 1) return this.rows.slice();
    const random = createRandom(this.seed, STREAMS.rows, round);
    const limit = subsample * 2 ** 32;
    const drawn = this.rows.filter(() => random.nextUint32() < limit);
    return drawn.length > 0 ? drawn : this.rows.slice(0, 1);
  }

  private sampleColumns(round: number): Int32Array {
    const columns = Int32Array.from({ length: this.table.columns }, (_, column) => column);
    const count = Math.max(1, Math.ceil(columns.length * this.settings.columnSample));
    if (count === columns.length) return columns;
    return createRandom(this.seed, STREAMS.columns, round).shuffle(columns).slice(0, count).sort();
  }
}

/** Rows that are not fitted, and what an ensemble that grows says of them. */
export class HeldOutRows {
  private readonly sums: Float64Array[];

  constructor(
    private readonly table: BinnedTable,
    private readonly values: Float64Array,
    private readonly loss: BoostingLoss,
    base: Float64Array,
    originSums?: readonly Float64Array[],
  ) {
    this.sums = startSums(base, table.rows, originSums);
  }

  add(trees: readonly FlatTree[]): void {
    trees.forEach((tree, output) => addTree(tree, this.table, this.sums[output]!));
  }

  meanLoss(): number {
    return this.loss.loss(this.values, null, this.sums);
  }
}

export interface EarlyStopping {
  readonly rounds: number;
  /** Rounds without a better loss on the held-out rows after which no tree is added; 0 runs all. */
  readonly patience: number;
  /** Fall of the loss that counts as better. */
  readonly minimumChange: number;
}

export interface LabelledRows {
  readonly table: BinnedTable;
  readonly values: Float64Array;
}

/** Boosts in one go; the rounds up to the best loss on the held-out rows are kept. */
export function boostTrees(
  fit: LabelledRows,
  heldOut: LabelledRows,
  loss: BoostingLoss,
  settings: BoostingSettings & EarlyStopping,
  seed: number,
): BoostedTrees {
  const booster = new Booster(fit.table, fit.values, null, loss, settings, seed);
  const judge = new HeldOutRows(heldOut.table, heldOut.values, loss, booster.base);
  let best = { loss: judge.meanLoss(), rounds: 0 };
  for (let round = 1; round <= settings.rounds; round++) {
    if (settings.patience > 0 && round - best.rounds > settings.patience) break;
    judge.add(booster.addRound());
    const current = judge.meanLoss();
    if (current < best.loss - settings.minimumChange) best = { loss: current, rounds: round };
  }
  return { base: booster.base, rounds: booster.rounds.slice(0, best.rounds) };
}

/** The sums of one output for every row of the table. */
export function predictTrees({ base, rounds }: BoostedTrees, table: BinnedTable, output = 0): Float64Array {
  const sums = new Float64Array(table.rows).fill(base[output]!);
  for (const trees of rounds) addTree(trees[output]!, table, sums);
  return sums;
}
