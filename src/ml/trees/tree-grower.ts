import { findSplit, type Split, type SplitLimits } from './best-split.js';
import type { BinnedTable } from './bin-columns.js';
import type { FlatTree } from './flat-tree.js';
import { fillHistogram, groupsOf, newHistogram, subtractHistogram, type Histogram } from './histogram.js';
import type { PackedGradients } from './packed-gradients.js';

export interface TreeSettings extends SplitLimits {
  /** `leaf`: the leaf that gains most is split next; `depth`: level by level. */
  readonly growth: 'leaf' | 'depth';
  readonly maximumLeaves: number;
  /** Splits between the root and a leaf, at most; 0 for no limit but that of the leaves. */
  readonly maximumDepth: number;
}

interface Leaf extends Split {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  /** The node whose child it is, −1 for the root, and on which side. */
  readonly parent: number;
  readonly isLeft: boolean;
  histogram: Histogram | null;
}

/** A tree without the values of its leaves, and the rows [starts[l], ends[l]) of the sample in leaf l. */
export interface GrownTree {
  readonly tree: FlatTree;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * Grows trees on one table, one after the other, with the memory of the first. A split costs a pass over the rows of its
 * smaller child: the histogram of the larger is that of the parent less that of the smaller (Ke et al., LightGBM,
 * NeurIPS 2017). Equal input gives equal trees.
 */
export class TreeGrower {
  private readonly binCounts: Int32Array;
  /** Of the columns that the tree being grown may split. */
  private groups: Int32Array = new Int32Array(0);
  private readonly free: Histogram[] = [];
  private readonly scratch: Int32Array;

  constructor(
    private readonly table: BinnedTable,
    private readonly settings: TreeSettings,
  ) {
    this.binCounts = Int32Array.from(table.borders, ({ length }) => length + 2);
    this.scratch = new Int32Array(table.rows);
  }

  /** `sample`: rows of the table, which are put in the order of the leaves; `columns`: those that may split, ascending. */
  grow(sample: Int32Array, columns: Int32Array, gradients: PackedGradients): GrownTree {
    const { maximumLeaves } = this.settings;
    this.groups = groupsOf(columns);
    const leaves: Leaf[] = [newLeaf(0, sample.length, 0, -1, false)];
    const nodes = newNodes(maximumLeaves - 1);
    if (maximumLeaves > 1 && this.maySplit(leaves[0]!)) {
      leaves[0]!.histogram = this.take(gradients);
      this.fill(leaves[0]!, sample, gradients);
      this.search(leaves[0]!, columns, gradients);
    }
    let count = 0;
    while (count < maximumLeaves - 1) {
      const at = this.next(leaves);
      if (at < 0) break;
      const leaf = leaves[at]!;
      const middle = this.partition(sample, leaf);
      const left = newLeaf(leaf.start, middle, leaf.depth + 1, count, true);
      const right = newLeaf(middle, leaf.end, leaf.depth + 1, count, false);
      this.note(nodes, count, leaf);
      leaves[at] = left;
      leaves.push(right);
      count++;
      if (count < maximumLeaves - 1) this.shareHistogram(leaf, left, right, sample, columns, gradients);
      else this.release(leaf);
    }
    leaves.forEach((leaf, number) => {
      this.release(leaf);
      if (leaf.parent >= 0) (leaf.isLeft ? nodes.left : nodes.right)[leaf.parent] = -1 - number;
    });
    return {
      tree: {
        columns: nodes.columns.slice(0, count),
        bins: nodes.bins.slice(0, count),
        thresholds: nodes.thresholds.slice(0, count),
        missingLeft: nodes.missingLeft.slice(0, count),
        left: nodes.left.slice(0, count),
        right: nodes.right.slice(0, count),
        gains: nodes.gains.slice(0, count),
        leaves: new Float64Array(leaves.length),
      },
      starts: Int32Array.from(leaves, ({ start }) => start),
      ends: Int32Array.from(leaves, ({ end }) => end),
    };
  }

  /** The leaf to split next, −1 when none gains. */
  private next(leaves: readonly Leaf[]): number {
    let best = -1;
    leaves.forEach((leaf, at) => {
      if (leaf.gain <= 0) return;
      const rival = best < 0 ? null : leaves[best]!;
      const isBetter =
        rival === null || (this.settings.growth === 'depth' ? leaf.depth < rival.depth : leaf.gain > rival.gain);
      if (isBetter) best = at;
    });
    return best;
  }

  private maySplit({ start, end, depth }: Leaf): boolean {
    const { maximumDepth, minimumRows } = this.settings;
    return (maximumDepth === 0 || depth < maximumDepth) && end - start >= 2 * minimumRows;
  }

  /** Histograms and splits of both children of a leaf, of which one at most is counted. */
  private shareHistogram(
    leaf: Leaf,
    left: Leaf,
    right: Leaf,
    sample: Int32Array,
    columns: Int32Array,
    gradients: PackedGradients,
  ): void {
    const [smaller, larger] = left.end - left.start <= right.end - right.start ? [left, right] : [right, left];
    if (!this.maySplit(larger)) return this.release(leaf);
    smaller.histogram = this.take(gradients);
    this.fill(smaller, sample, gradients);
    larger.histogram = leaf.histogram!;
    leaf.histogram = null;
    subtractHistogram(larger.histogram, smaller.histogram);
    this.search(larger, columns, gradients);
    if (this.maySplit(smaller)) this.search(smaller, columns, gradients);
    else this.release(smaller);
  }

  private fill(leaf: Leaf, sample: Int32Array, gradients: PackedGradients): void {
    fillHistogram(leaf.histogram!, this.table, this.groups, sample, leaf.start, leaf.end, gradients);
  }

  private search(leaf: Leaf, columns: Int32Array, gradients: PackedGradients): void {
    findSplit(leaf.histogram!, this.binCounts, columns, gradients, this.settings, leaf);
    if (leaf.gain <= 0) this.release(leaf);
  }

  private take({ curvatures }: PackedGradients): Histogram {
    return this.free.pop() ?? newHistogram(this.table, curvatures !== null);
  }

  private release(leaf: Leaf): void {
    if (leaf.histogram !== null) this.free.push(leaf.histogram);
    leaf.histogram = null;
  }

  /**
   * Moves the rows that go left to the front, each side in its order; where those that go right begin. Every row is
   * written to both sides and counted on one: a branch would be guessed wrong half of the time.
   */
  private partition(sample: Int32Array, { start, end, column, bin: limit, missingLeft }: Leaf): number {
    const { words, groups } = this.table;
    const { scratch } = this;
    const shift = (column & 3) << 3;
    const group = column >> 2;
    // Bins low … limit go left; bin 0, the missing values, is below `low` where they go right.
    const low = missingLeft ? 0 : 1;
    const span = limit - low;
    let middle = start;
    let right = 0;
    for (let at = start; at < end; at++) {
      const row = sample[at]!;
      const bin = (words[row * groups + group]! >>> shift) & 255;
      const goesLeft = (bin - low) >>> 0 <= span ? 1 : 0;
      sample[middle] = row;
      scratch[right] = row;
      middle += goesLeft;
      right += 1 - goesLeft;
    }
    sample.set(scratch.subarray(0, right), middle);
    return middle;
  }

  private note(nodes: ReturnType<typeof newNodes>, node: number, leaf: Leaf): void {
    nodes.columns[node] = leaf.column;
    nodes.bins[node] = leaf.bin;
    nodes.thresholds[node] = this.table.borders[leaf.column]![leaf.bin - 1] ?? Infinity;
    nodes.missingLeft[node] = leaf.missingLeft ? 1 : 0;
    nodes.gains[node] = leaf.gain;
    if (leaf.parent >= 0) (leaf.isLeft ? nodes.left : nodes.right)[leaf.parent] = node;
  }
}

function newLeaf(start: number, end: number, depth: number, parent: number, isLeft: boolean): Leaf {
  return { start, end, depth, parent, isLeft, histogram: null, column: 0, bin: 0, missingLeft: false, gain: 0 };
}

function newNodes(most: number) {
  return {
    columns: new Int32Array(most),
    bins: new Uint8Array(most),
    thresholds: new Float64Array(most),
    missingLeft: new Uint8Array(most),
    left: new Int32Array(most),
    right: new Int32Array(most),
    gains: new Float32Array(most),
  };
}
