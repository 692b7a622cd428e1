import { createRandom } from '../../engine/random.js';
import { spreadEvenly } from '../../explain/feature-importance.js';
import { binBorders, binOf, newTable, setBin, type BinnedTable } from '../../trees/bin-columns.js';
import { compileTrees, predictRows } from '../../trees/compiled-trees.js';
import type { BoostedTrees } from '../../trees/gradient-boosting.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { featureWidths, writeFixed, writeStep, type FeaturePlan, type SampleSource } from './sample-features.js';

/** Samples one after the other: forecast row origin + step of a target. Those of one window lie together. */
export interface SampleList {
  readonly origins: Int32Array;
  readonly targets: Int32Array;
  readonly steps: Int32Array;
  /** Null where all count alike. */
  readonly weights: Float64Array | null;
}

/** Numbers of a column that its borders are taken from, at most. */
const BORDER_ROWS = 50_000;

/**
 * The samples of these windows: every target and every step, or, of more than `most`, as many steps of each window drawn
 * one from each of as many equal parts of the horizon, and of too many windows a part, evenly spread. Windows of weight 0
 * are left out.
 */
export function chooseSamples(
  given: { readonly origins: Int32Array; readonly weights?: Float64Array | undefined },
  targets: readonly number[],
  steps: number,
  most: number,
  seed: number,
  stream: number,
): SampleList {
  const weightAt = (at: number): number => given.weights?.[at] ?? 1;
  const counted = Int32Array.from(given.origins.keys()).filter((at) => weightAt(at) > 0);
  const windows = spreadEvenly(counted, Math.max(1, Math.floor(most / targets.length)));
  const each = Math.max(1, Math.min(steps, Math.floor(most / (windows.length * targets.length))));
  const count = windows.length * targets.length * each;
  const list = { origins: new Int32Array(count), targets: new Int32Array(count), steps: new Int32Array(count) };
  const weights = new Float64Array(count);
  const random = createRandom(seed, stream);
  let at = 0;
  for (const window of windows) {
    for (const target of targets) {
      for (let n = 0; n < each; n++, at++) {
        list.origins[at] = given.origins[window]!;
        list.targets[at] = target;
        list.steps[at] = 1 + (each === steps ? n : Math.floor(((n + random.uniform()) * steps) / each));
        weights[at] = weightAt(window);
      }
    }
  }
  return { ...list, weights: weights.every((weight) => weight === weights[0]) ? null : weights };
}

/** What the trees shall say of each sample: the target at its forecast row, counted from the level. */
export function sampleValues(
  plan: FeaturePlan,
  list: SampleList,
  data: WindowedData,
  series: readonly Float64Array[],
): Float64Array {
  return Float64Array.from(list.origins, (origin, at) => {
    const target = list.targets[at]!;
    const level = plan.isNormalised ? series[target]![origin]! : 0;
    return data.targets.columns[target]![origin + list.steps[at]!]! - level;
  });
}

/** Borders from the samples, `BORDER_ROWS` of them at most. */
export function sampleBorders(
  plan: FeaturePlan,
  list: SampleList,
  data: WindowedData,
  series: readonly Float64Array[],
  bins: number,
): Float64Array[] {
  const chosen = spreadEvenly(Int32Array.from(list.origins.keys()), BORDER_ROWS);
  const width = featureWidths(plan).all;
  const columns = Array.from({ length: width }, () => new Float64Array(chosen.length));
  const row = new Float64Array(width);
  const writer = new SampleWriter(plan, data, series);
  chosen.forEach((sample, at) => {
    writer.write(list, sample, row);
    for (let column = 0; column < width; column++) columns[column]![at] = row[column]!;
  });
  return columns.map((values) => binBorders(values, bins));
}

/** All samples as bins. */
export function sampleTable(
  plan: FeaturePlan,
  list: SampleList,
  data: WindowedData,
  series: readonly Float64Array[],
  borders: readonly Float64Array[],
): BinnedTable {
  const table = newTable(list.origins.length, borders);
  const row = new Float64Array(borders.length);
  const { fixed } = featureWidths(plan);
  const writer = new SampleWriter(plan, data, series);
  for (let sample = 0; sample < table.rows; sample++) {
    const isSame = writer.write(list, sample, row);
    if (isSame) copyBins(table, sample, fixed);
    for (let column = isSame ? fixed : 0; column < row.length; column++) {
      setBin(table, sample, column, binOf(row[column]!, borders[column]!));
    }
  }
  return table;
}

/** Samples whose values are written out at once: bounds memory. */
const VALUES_AT_ONCE = 2 ** 20;

/** What an ensemble that was grown on other bins says of each sample, by output. */
export function sampleSums(
  plan: FeaturePlan,
  list: SampleList,
  data: WindowedData,
  series: readonly Float64Array[],
  trees: BoostedTrees,
): Float64Array[] {
  const compiled = compileTrees(trees);
  const width = featureWidths(plan).all;
  const rows = list.origins.length;
  const outputs = trees.base.length;
  const sums = Array.from({ length: outputs }, () => new Float64Array(rows));
  const writer = new SampleWriter(plan, data, series);
  const row = new Float64Array(width);
  const atOnce = Math.max(1, Math.floor(VALUES_AT_ONCE / width));
  for (let from = 0; from < rows; from += atOnce) {
    const count = Math.min(atOnce, rows - from);
    const table = new Float64Array(count * width);
    for (let n = 0; n < count; n++) {
      writer.write(list, from + n, row);
      table.set(row, n * width);
    }
    predictRows(compiled, table, width).forEach((sum, at) => {
      sums[at % outputs]![from + Math.floor(at / outputs)] = sum;
    });
  }
  return sums;
}

/** The first columns of the row before. */
function copyBins({ words, groups }: BinnedTable, row: number, columns: number): void {
  const whole = columns >> 2;
  const [from, to] = [(row - 1) * groups, row * groups];
  words.copyWithin(to, from, from + whole);
  const mask = (1 << ((columns & 3) << 3)) - 1;
  if (mask !== 0) words[to + whole] = words[from + whole]! & mask;
}

/** Writes samples one after the other; what a window's samples share is written once. */
class SampleWriter {
  private source: SampleSource | null = null;
  private readonly fixed: number;

  constructor(
    private readonly plan: FeaturePlan,
    private readonly data: WindowedData,
    private readonly series: readonly Float64Array[],
  ) {
    this.fixed = featureWidths(plan).fixed;
  }

  /** True when the columns that all steps share are those of the call before. */
  write(list: SampleList, sample: number, row: Float64Array): boolean {
    const [origin, target, step] = [list.origins[sample]!, list.targets[sample]!, list.steps[sample]!];
    const isSame = this.source !== null && this.source.origin === origin && this.source.target === target;
    if (!isSame) {
      const { inputs, future } = this.data;
      this.source = { series: this.series[target]!, at: origin, origin, target, inputs, future };
      writeFixed(this.plan, this.source, row, 0);
    }
    writeStep(this.plan, this.source!, step, step, row, this.fixed);
    return isSame;
  }
}
