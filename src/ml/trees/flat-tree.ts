import { MISSING_BIN, type BinnedTable } from './bin-columns.js';

/**
 * One tree. Inner nodes and leaves are numbered apart, the root is node 0; a tree without nodes is its leaf 0. A child is
 * the number of a node, or −1 − the number of a leaf.
 */
export interface FlatTree {
  readonly columns: Int32Array;
  /** Rows whose bin is at most this go left. */
  readonly bins: Uint8Array;
  /** The same for values: at most this. Infinity where only missing values go right. */
  readonly thresholds: Float64Array;
  /** 1 where missing values go left. */
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly gains: Float32Array;
  /** What a leaf adds, the learning rate included. */
  readonly leaves: Float64Array;
}

/** Adds the tree's value of every row to `sums`. */
export function addTree(tree: FlatTree, { words, groups, rows }: BinnedTable, sums: Float64Array): void {
  const { leaves, columns, bins: limits, missingLeft, left, right } = tree;
  if (columns.length === 0) {
    for (let row = 0; row < rows; row++) sums[row]! += leaves[0]!;
    return;
  }
  for (let row = 0, base = 0; row < rows; row++, base += groups) {
    let node = 0;
    while (node >= 0) {
      const column = columns[node]!;
      const bin = (words[base + (column >> 2)]! >>> ((column & 3) << 3)) & 255;
      const goesLeft = bin === MISSING_BIN ? missingLeft[node] === 1 : bin <= limits[node]!;
      node = goesLeft ? left[node]! : right[node]!;
    }
    sums[row]! += leaves[-1 - node]!;
  }
}

/** Gains and numbers of the splits of each column, over all trees. */
export function splitImportance(
  trees: readonly FlatTree[],
  columns: number,
): { readonly gain: Float64Array; readonly splits: Int32Array } {
  const gain = new Float64Array(columns);
  const splits = new Int32Array(columns);
  for (const tree of trees) {
    tree.columns.forEach((column, node) => {
      gain[column]! += tree.gains[node]!;
      splits[column]!++;
    });
  }
  return { gain, splits };
}

/** Whether any split of the tree asks for the column. */
export function readsColumn(tree: FlatTree, column: number): boolean {
  return tree.columns.includes(column);
}
