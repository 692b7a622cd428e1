import type { StateTensor } from '../algorithms/algorithm.js';
import type { BoostedTrees } from './gradient-boosting.js';
import type { FlatTree } from './flat-tree.js';

/**
 * All trees of one ensemble end to end in flat arrays, for rows of values. Children are numbers of nodes over all trees,
 * or −1 − the number of a leaf over all trees; a tree that is one leaf has a root below 0.
 */
export interface CompiledTrees {
  /** By output. */
  readonly base: Float64Array;
  readonly roots: Int32Array;
  readonly columns: Int32Array;
  readonly thresholds: Float64Array;
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly leaves: Float64Array;
}

export function compileTrees({ base, rounds }: BoostedTrees): CompiledTrees {
  const trees = rounds.flat();
  const nodes = trees.reduce((sum, tree) => sum + tree.columns.length, 0);
  const compiled: CompiledTrees = {
    base,
    roots: new Int32Array(trees.length),
    columns: new Int32Array(nodes),
    thresholds: new Float64Array(nodes),
    missingLeft: new Uint8Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    leaves: new Float64Array(trees.reduce((sum, tree) => sum + tree.leaves.length, 0)),
  };
  let [node, leaf] = [0, 0];
  trees.forEach((tree, at) => {
    compiled.roots[at] = tree.columns.length > 0 ? node : -1 - leaf;
    compiled.columns.set(tree.columns, node);
    compiled.thresholds.set(tree.thresholds, node);
    compiled.missingLeft.set(tree.missingLeft, node);
    tree.left.forEach((child, n) => (compiled.left[node + n] = child < 0 ? child - leaf : child + node));
    tree.right.forEach((child, n) => (compiled.right[node + n] = child < 0 ? child - leaf : child + node));
    compiled.leaves.set(tree.leaves, leaf);
    node += tree.columns.length;
    leaf += tree.leaves.length;
  });
  return compiled;
}

/** Rows that stay in the cache while all trees pass over them. */
const ROWS_AT_ONCE = 256;

/**
 * Output k of every row of `table` [rows, width], row-major; NaN is a missing value. [rows, outputs], row-major. What a
 * row gets does not depend on the others, bit for bit.
 */
export function predictRows(trees: CompiledTrees, table: Float64Array, width: number): Float64Array {
  const { base, roots, columns, thresholds, missingLeft, left, right, leaves } = trees;
  const outputs = base.length;
  const rows = table.length / width;
  const sums = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) sums.set(base, row * outputs);
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const to = Math.min(rows, from + ROWS_AT_ONCE);
    for (let tree = 0; tree < roots.length; tree++) {
      const root = roots[tree]!;
      const output = tree % outputs;
      for (let row = from; row < to; row++) {
        const at = row * width;
        let node = root;
        while (node >= 0) {
          const value = table[at + columns[node]!]!;
          const goesLeft = value <= thresholds[node]! || (Number.isNaN(value) && missingLeft[node] === 1);
          node = goesLeft ? left[node]! : right[node]!;
        }
        sums[row * outputs + output]! += leaves[-1 - node]!;
      }
    }
  }
  return sums;
}

/** Small whole numbers of a node beside each other: column, bin, side of missing values, children. */
const NODE_WIDTH = 5;

/** An ensemble as tensors; `readTrees` gives the same one back, bit for bit. */
export function treesTensors({ base, rounds }: BoostedTrees, prefix: string): Record<string, StateTensor> {
  const trees = rounds.flat();
  const all = <K extends 'thresholds' | 'leaves'>(of: K): Float64Array =>
    Float64Array.from(trees.flatMap((tree) => [...tree[of]]));
  const nodes = trees.flatMap((tree) =>
    [...tree.columns.keys()].flatMap((n) => [
      tree.columns[n]!,
      tree.bins[n]!,
      tree.missingLeft[n]!,
      tree.left[n]!,
      tree.right[n]!,
    ]),
  );
  const gains = Float32Array.from(trees.flatMap((tree) => [...tree.gains]));
  const [thresholds, leaves] = [all('thresholds'), all('leaves')];
  return {
    [`${prefix}base`]: { shape: [base.length], data: base },
    [`${prefix}leafCounts`]: {
      shape: [rounds.length, base.length],
      data: Float32Array.from(trees, (tree) => tree.leaves.length),
    },
    [`${prefix}nodes`]: { shape: [nodes.length / NODE_WIDTH, NODE_WIDTH], data: Float32Array.from(nodes) },
    [`${prefix}thresholds`]: { shape: [thresholds.length], data: thresholds },
    [`${prefix}gains`]: { shape: [gains.length], data: gains },
    [`${prefix}leaves`]: { shape: [leaves.length], data: leaves },
  };
}

export function readTrees(tensors: Readonly<Record<string, StateTensor>>, prefix: string): BoostedTrees {
  const tensor = (name: string): StateTensor['data'] => {
    const found = tensors[prefix + name];
    if (found === undefined) throw new Error(`boosted trees have a tensor ${prefix}${name}`);
    return found.data;
  };
  const base = Float64Array.from(tensor('base'));
  const [counts, nodes, thresholds] = [tensor('leafCounts'), tensor('nodes'), tensor('thresholds')];
  const [gains, leaves] = [tensor('gains'), tensor('leaves')];
  const trees: FlatTree[] = [];
  let [node, leaf] = [0, 0];
  for (const leafCount of counts) {
    const count = leafCount - 1;
    const first = node;
    const field = (position: number): number[] =>
      Array.from({ length: count }, (_, n) => nodes[(first + n) * NODE_WIDTH + position]!);
    trees.push({
      columns: Int32Array.from(field(0)),
      bins: Uint8Array.from(field(1)),
      missingLeft: Uint8Array.from(field(2)),
      left: Int32Array.from(field(3)),
      right: Int32Array.from(field(4)),
      thresholds: Float64Array.from(thresholds.subarray(node, node + count)),
      gains: Float32Array.from(gains.subarray(node, node + count)),
      leaves: Float64Array.from(leaves.subarray(leaf, leaf + leafCount)),
    });
    node += count;
    leaf += leafCount;
  }
  const rounds: FlatTree[][] = [];
  for (let at = 0; at < trees.length; at += base.length) rounds.push(trees.slice(at, at + base.length));
  return { base, rounds };
}
