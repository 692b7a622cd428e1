import type { Attributes } from '../engine/graph/graph-builder.js';
import type { FlatTree } from '../trees/flat-tree.js';

/** One tree, and the output that it adds to. */
export interface PlacedTree {
  readonly tree: FlatTree;
  readonly output: number;
}

/**
 * Trees as the attributes of `TreeEnsembleRegressor` (ai.onnx.ml 3), thresholds and leaves in double precision: rows
 * whose value is at most the threshold go on to the true branch, those without a value where `missingLeft` says.
 * Output k is base[k] plus its trees.
 */
export function treeAttributes(base: Float64Array, trees: readonly PlacedTree[]): Attributes {
  const count = trees.reduce((sum, { tree }) => sum + tree.columns.length + tree.leaves.length, 0);
  const leafCount = trees.reduce((sum, { tree }) => sum + tree.leaves.length, 0);
  const nodes = {
    trees: new Int32Array(count),
    ids: new Int32Array(count),
    columns: new Int32Array(count),
    thresholds: new Float64Array(count),
    missing: new Int32Array(count),
    left: new Int32Array(count),
    right: new Int32Array(count),
  };
  const modes = new Array<string>(count);
  const leaves = {
    trees: new Int32Array(leafCount),
    ids: new Int32Array(leafCount),
    outputs: new Int32Array(leafCount),
    values: new Float64Array(leafCount),
  };
  let [at, atLeaf] = [0, 0];
  trees.forEach(({ tree, output }, number) => {
    const inner = tree.columns.length;
    // Leaves are nodes after the inner ones.
    const idOf = (child: number): number => (child < 0 ? inner - 1 - child : child);
    for (let node = 0; node < inner; node++, at++) {
      nodes.trees[at] = number;
      nodes.ids[at] = node;
      nodes.columns[at] = tree.columns[node]!;
      nodes.thresholds[at] = tree.thresholds[node]!;
      nodes.missing[at] = tree.missingLeft[node]!;
      nodes.left[at] = idOf(tree.left[node]!);
      nodes.right[at] = idOf(tree.right[node]!);
      modes[at] = 'BRANCH_LEQ';
    }
    for (let leaf = 0; leaf < tree.leaves.length; leaf++, at++, atLeaf++) {
      nodes.trees[at] = number;
      nodes.ids[at] = inner + leaf;
      modes[at] = 'LEAF';
      leaves.trees[atLeaf] = number;
      leaves.ids[atLeaf] = inner + leaf;
      leaves.outputs[atLeaf] = output;
      leaves.values[atLeaf] = tree.leaves[leaf]!;
    }
  });
  return {
    aggregate_function: { text: 'SUM' },
    base_values_as_tensor: { numbers: base },
    n_targets: { int: base.length },
    nodes_falsenodeids: { ints: nodes.right },
    nodes_featureids: { ints: nodes.columns },
    nodes_missing_value_tracks_true: { ints: nodes.missing },
    nodes_modes: { texts: modes },
    nodes_nodeids: { ints: nodes.ids },
    nodes_treeids: { ints: nodes.trees },
    nodes_truenodeids: { ints: nodes.left },
    nodes_values_as_tensor: { numbers: nodes.thresholds },
    post_transform: { text: 'NONE' },
    target_ids: { ints: leaves.outputs },
    target_nodeids: { ints: leaves.ids },
    target_treeids: { ints: leaves.trees },
    target_weights_as_tensor: { numbers: leaves.values },
  };
}
