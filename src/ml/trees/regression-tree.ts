import { MISSING_BIN } from './bin-columns.js';

/** Bins of one column and how many there are, the missing one included. */
export interface BinnedColumn {
  /** Length n. */
  readonly bins: Uint8Array;
  readonly binCount: number;
}

export interface TreeSettings {
  /** Splits between the root and a leaf, at most. */
  readonly depth: number;
  /** Rows in a leaf, at least. */
  readonly minimumRows: number;
  /** Added to the row count where a leaf's value is the mean of its residuals: draws small leaves to 0. */
  readonly shrinkage: number;
}

/** A node is a leaf when `column` is −1. Rows whose bin is at most `bin` go left, missing ones as `missingLeft` says. */
interface TreeNode {
  readonly column: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly left: TreeNode | null;
  readonly right: TreeNode | null;
  readonly value: number;
}

export type RegressionTree = TreeNode;

interface Split {
  readonly column: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly gain: number;
}

/**
 * A regression tree on binned columns that lowers the squared error of `residuals` greedily: each split maximises
 * S_l² / (n_l + λ) + S_r² / (n_r + λ), S the sum of residuals and λ the shrinkage (Friedman, Greedy Function
 * Approximation, 2001; Chen & Guestrin, XGBoost, 2016, for λ and for learning the side of missing values).
 * Ties go to the first column and bin, so equal data give equal trees. `rows` is reordered.
 */
export function growTree(
  columns: readonly BinnedColumn[],
  residuals: Float64Array,
  rows: Int32Array,
  settings: TreeSettings,
): RegressionTree {
  let sum = 0;
  for (const row of rows) sum += residuals[row]!;
  const value = sum / (rows.length + settings.shrinkage);
  const leaf: TreeNode = { column: -1, bin: 0, missingLeft: true, left: null, right: null, value };
  if (settings.depth === 0 || rows.length < 2 * settings.minimumRows) return leaf;
  const split = bestSplit(columns, residuals, rows, sum, settings);
  if (split === null) return leaf;
  const middle = partition(columns[split.column]!.bins, rows, split);
  const below = { ...settings, depth: settings.depth - 1 };
  return {
    ...leaf,
    ...split,
    left: growTree(columns, residuals, rows.subarray(0, middle), below),
    right: growTree(columns, residuals, rows.subarray(middle), below),
  };
}

function bestSplit(
  columns: readonly BinnedColumn[],
  residuals: Float64Array,
  rows: Int32Array,
  sum: number,
  { minimumRows, shrinkage }: TreeSettings,
): Split | null {
  const score = (total: number, count: number): number => (total * total) / (count + shrinkage);
  const unsplit = score(sum, rows.length);
  let best: Split | null = null;
  const sums = new Float64Array(256);
  const counts = new Int32Array(256);
  columns.forEach(({ bins, binCount }, column) => {
    sums.fill(0, 0, binCount);
    counts.fill(0, 0, binCount);
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at]!;
      const bin = bins[row]!;
      sums[bin]! += residuals[row]!;
      counts[bin]!++;
    }
    const missingSum = sums[MISSING_BIN]!;
    const missingCount = counts[MISSING_BIN]!;
    let leftSum = 0;
    let leftCount = 0;
    for (let bin = 1; bin < binCount - 1; bin++) {
      leftSum += sums[bin]!;
      leftCount += counts[bin]!;
      for (const missingLeft of missingCount === 0 ? [true] : [true, false]) {
        const left = missingLeft ? leftCount + missingCount : leftCount;
        const right = rows.length - left;
        if (left < minimumRows || right < minimumRows) continue;
        const total = missingLeft ? leftSum + missingSum : leftSum;
        const gain = score(total, left) + score(sum - total, right) - unsplit;
        if (gain > (best?.gain ?? 0)) best = { column, bin, missingLeft, gain };
      }
    }
  });
  return best;
}

/** Moves the rows that go left to the front, each side in its order; the position of the first that goes right. */
function partition(bins: Uint8Array, rows: Int32Array, split: Split): number {
  const right: number[] = [];
  let middle = 0;
  for (const row of rows) {
    if (goesLeft(bins[row]!, split)) rows[middle++] = row;
    else right.push(row);
  }
  rows.set(right, middle);
  return middle;
}

function goesLeft(bin: number, split: Pick<TreeNode, 'bin' | 'missingLeft'>): boolean {
  return bin === MISSING_BIN ? split.missingLeft : bin <= split.bin;
}

/** Whether any split of the tree asks for the column. */
export function readsColumn(tree: RegressionTree, column: number): boolean {
  if (tree.left === null || tree.right === null) return false;
  return tree.column === column || readsColumn(tree.left, column) || readsColumn(tree.right, column);
}

/** Adds `rate` times the tree's value of every row to `sums`. */
export function addTree(
  tree: RegressionTree,
  columns: readonly BinnedColumn[],
  sums: Float64Array,
  rate: number,
): void {
  for (let row = 0; row < sums.length; row++) {
    let node = tree;
    while (node.left !== null && node.right !== null) {
      node = goesLeft(columns[node.column]!.bins[row]!, node) ? node.left : node.right;
    }
    sums[row]! += rate * node.value;
  }
}
