import { addTree, growTree, type BinnedColumn, type RegressionTree, type TreeSettings } from './regression-tree.js';

export interface BoostingSettings extends TreeSettings {
  readonly rounds: number;
  readonly rate: number;
  /** Rounds without a better loss on the held-out rows after which no tree is added. */
  readonly patience: number;
}

export interface BoostedTrees {
  readonly base: number;
  readonly rate: number;
  readonly trees: readonly RegressionTree[];
}

/**
 * Gradient boosting of the squared error (Friedman 2001): each tree fits what is left over. The first `fitRows` rows
 * are fitted, the others tell when to stop; the trees up to the best loss there are kept. Deterministic.
 */
export function boostTrees(
  columns: readonly BinnedColumn[],
  values: Float64Array,
  fitRows: number,
  settings: BoostingSettings,
): BoostedTrees {
  const { rounds, rate, patience } = settings;
  let base = 0;
  for (let row = 0; row < fitRows; row++) base += values[row]! / fitRows;
  const sums = new Float64Array(values.length).fill(base);
  const residuals = new Float64Array(values.length);
  const trees: RegressionTree[] = [];
  let best = { loss: heldOutLoss(values, sums, fitRows), trees: 0 };
  for (let round = 1; round <= rounds && round - best.trees <= patience; round++) {
    for (let row = 0; row < values.length; row++) residuals[row] = values[row]! - sums[row]!;
    const tree = growTree(
      columns,
      residuals,
      Int32Array.from({ length: fitRows }, (_, row) => row),
      settings,
    );
    trees.push(tree);
    addTree(tree, columns, sums, rate);
    const loss = heldOutLoss(values, sums, fitRows);
    if (loss < best.loss) best = { loss, trees: round };
  }
  return { base, rate, trees: trees.slice(0, best.trees) };
}

function heldOutLoss(values: Float64Array, sums: Float64Array, fitRows: number): number {
  let loss = 0;
  for (let row = fitRows; row < values.length; row++) loss += (values[row]! - sums[row]!) ** 2;
  return loss;
}

/** One value per row of the columns. */
export function predictTrees({ base, rate, trees }: BoostedTrees, columns: readonly BinnedColumn[]): Float64Array {
  const sums = new Float64Array(columns[0]?.bins.length ?? 0).fill(base);
  for (const tree of trees) addTree(tree, columns, sums, rate);
  return sums;
}
