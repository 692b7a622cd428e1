import { binAt, type BinnedTable } from '#src/ml/trees/bin-columns.js';
import {
  absoluteLoss,
  huberLoss,
  logisticLoss,
  probabilities,
  quantileLoss,
  softmaxLoss,
  squaredLoss,
  type BoostingLoss,
} from '#src/ml/trees/boosting-loss.js';
import { compileTrees, predictRows, readTrees, treesTensors } from '#src/ml/trees/compiled-trees.js';
import { splitImportance } from '#src/ml/trees/flat-tree.js';
import { Booster, boostTrees, HeldOutRows, predictTrees } from '#src/ml/trees/gradient-boosting.js';
import { takeColumns, takeRows, withExchangedColumn } from '#src/ml/trees/table-parts.js';
import { randomWalk } from '../../../support/series.js';
import { tableOf, TREE_SETTINGS, uniformColumn } from '../../../support/tree-tables.js';

const columns = [1, 2, 3].map((seed) => uniformColumn(2_000, seed));
const noise = uniformColumn(2_000, 9);
const values = Float64Array.from(
  columns[0]!,
  (x, row) => Math.sin(3 * x) + (columns[1]![row]! > 0 ? 1 : 0) + 0.05 * noise[row]!,
);
const table = tableOf(columns);
const classes = Float64Array.from(values, (value) => (value < 0 ? 0 : value < 0.8 ? 1 : 2));
const rising = Float64Array.from(values, (value) => (value > 0.4 ? 1 : 0));
const STOPPING = { rounds: 200, patience: 10, minimumChange: 0 };
const labelled = (from: number, to: number) => ({
  table: takeRows(table, from, to),
  values: values.subarray(from, to),
});

const LOSSES: readonly (readonly [string, BoostingLoss, Float64Array])[] = [
  ['squared', squaredLoss, values],
  ['absolute', absoluteLoss, values],
  ['huber', huberLoss(0.3), values],
  ['quantile', quantileLoss(0.8), values],
  ['logistic', logisticLoss, rising],
  ['softmax', softmaxLoss(3), classes],
];

describe.each(LOSSES)('boosting the %s loss', (_name, loss, of) => {
  it('lowers it with every tree on all rows', () => {
    const booster = new Booster(table, of, null, loss, TREE_SETTINGS, 1);
    let before = booster.trainLoss();
    const first = before;
    for (let round = 0; round < 60; round++) {
      booster.addRound();
      const after = booster.trainLoss();
      expect(after).toBeLessThanOrEqual(before * (1 + 1e-12));
      before = after;
    }
    expect(before).toBeLessThan(0.5 * first);
  });

  it('has gradients that are the negative slope of the loss', () => {
    const count = 40;
    const sums = Array.from({ length: loss.outputs }, (_, output) => uniformColumn(count, 20 + output));
    const some = of.subarray(0, count);
    const weights = uniformColumn(count, 30).map((value) => value + 1.5);
    const gradients = sums.map(() => new Float64Array(count));
    const curvatures = loss.hasUnitCurvature ? null : sums.map(() => new Float64Array(count));
    loss.differentiate(some, weights, sums, gradients, curvatures);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const step = 1e-5;
    const isTwice = ['squared', 'huber', 'absolute'].includes(_name);
    for (const [output, ofOutput] of sums.entries()) {
      for (let row = 0; row < count; row += 7) {
        const moved = (by: number): Float64Array[] =>
          sums.map((one, at) => (at === output ? ofOutput.map((sum, r) => (r === row ? sum + by : sum)) : one));
        const slope = (loss.loss(some, weights, moved(step)) - loss.loss(some, weights, moved(-step))) / (2 * step);
        // Squared errors are written without their half.
        expect(gradients[output]![row]! * (isTwice ? 2 : 1)).toBeCloseTo(-slope * total, 4);
      }
    }
  });

  it('gives the same bytes for the same seed, others for another, and goes on from stored rounds', () => {
    const settings = { ...TREE_SETTINGS, subsample: 0.6, columnSample: 0.7 };
    const run = (seed: number, rounds: number): Booster => {
      const booster = new Booster(table, of, null, loss, settings, seed);
      for (let round = 0; round < rounds; round++) booster.addRound();
      return booster;
    };
    const whole = run(1, 8);
    expect(run(1, 8).rounds).toEqual(whole.rounds);
    expect(run(2, 8).rounds).not.toEqual(whole.rounds);
    const resumed = new Booster(table, of, null, loss, settings, 1);
    resumed.restore(readTrees(treesTensors(run(1, 3), ''), '').rounds);
    for (let round = 3; round < 8; round++) resumed.addRound();
    expect(resumed.rounds).toEqual(whole.rounds);
    expect(resumed.trainLoss()).toBe(whole.trainLoss());
  });

  it('takes a weight for as many equal rows', () => {
    const count = 300;
    const weights = Float64Array.from({ length: count }, (_, row) => [2, 0, 1, 3][row % 4]!);
    const rows = [...weights].flatMap((weight, row) => Array<number>(weight).fill(row));
    const once = columns.map((column) => column.subarray(0, count).map((value) => Math.round(4 * value)));
    const repeated = once.map((column) => Float64Array.from(rows, (row) => column[row]!));
    const settings = { ...TREE_SETTINGS, minimumRows: 1, maximumLeaves: 4 };
    const weighted = new Booster(tableOf(once), of.slice(0, count), weights, loss, settings, 1);
    const longer = new Booster(
      tableOf(repeated),
      Float64Array.from(rows, (row) => of[row]!),
      null,
      loss,
      settings,
      1,
    );
    for (let round = 0; round < 5; round++) {
      const trees = longer.addRound();
      weighted.addRound().forEach((tree, output) => {
        expect(tree.columns).toEqual(trees[output]!.columns);
        expect(tree.thresholds).toEqual(trees[output]!.thresholds);
        tree.leaves.forEach((leaf, at) => expect(leaf).toBeCloseTo(trees[output]!.leaves[at]!, 9));
      });
    }
    expect(weighted.trainLoss()).toBeCloseTo(longer.trainLoss(), 10);
  });

  it('forecasts values as it does bins, before and after a trip through tensors', () => {
    const booster = new Booster(table, of, null, loss, TREE_SETTINGS, 1);
    for (let round = 0; round < 20; round++) booster.addRound();
    const rowMajor = new Float64Array(6_000);
    columns.forEach((column, c) => column.forEach((value, row) => (rowMajor[row * 3 + c] = value)));
    const outputs = predictRows(compileTrees(readTrees(treesTensors(booster, 'x/'), 'x/')), rowMajor, 3);
    for (let output = 0; output < loss.outputs; output++) {
      const binned = predictTrees(booster, table, output);
      expect(outputs.filter((_, at) => at % loss.outputs === output)).toEqual(binned);
    }
    const alone = predictRows(compileTrees(booster), rowMajor.subarray(300, 303), 3);
    expect(alone).toEqual(outputs.subarray(100 * loss.outputs, 101 * loss.outputs));
  });
});

describe('boosted trees', () => {
  const fit = (settings = TREE_SETTINGS) =>
    boostTrees(labelled(0, 1_500), labelled(1_500, 2_000), squaredLoss, { ...settings, ...STOPPING }, 1);

  it('learn a curve and a step from rows that they were not fitted on', () => {
    const forecasts = predictTrees(fit(), takeRows(table, 1_500, 2_000));
    const held = values.subarray(1_500);
    const mean = held.reduce((sum, value) => sum + value, 0) / held.length;
    let [error, variance] = [0, 0];
    held.forEach((value, row) => {
      error += (forecasts[row]! - value) ** 2;
      variance += (value - mean) ** 2;
    });
    expect(1 - error / variance).toBeGreaterThan(0.98);
  });

  it('stop when held-out rows no longer get better: pure noise needs next to no tree', () => {
    const walk = tableOf([randomWalk(600, 5)]);
    const target = uniformColumn(600, 6);
    const of = (from: number, to: number) => ({ table: takeRows(walk, from, to), values: target.subarray(from, to) });
    const boosted = boostTrees(of(0, 480), of(480, 600), squaredLoss, { ...TREE_SETTINGS, ...STOPPING }, 1);
    expect(boosted.rounds.length).toBeLessThan(15);
  });

  it('name the columns that they gain from', () => {
    const { gain, splits } = splitImportance(fit().rounds.flat(), 3);
    expect(gain[0]! / (gain[0]! + gain[1]! + gain[2]!)).toBeGreaterThan(0.5);
    expect(gain[2]!).toBeLessThan(0.02 * gain[1]!);
    expect(splits[0]!).toBeGreaterThan(splits[1]!);
  });

  it('of the quantile loss lie above as many values as the level says', () => {
    for (const level of [0.1, 0.9]) {
      const booster = new Booster(table, noise, null, quantileLoss(level), { ...TREE_SETTINGS, minimumRows: 200 }, 1);
      for (let round = 0; round < 20; round++) booster.addRound();
      const forecasts = predictTrees(booster, table);
      const share = noise.filter((value, row) => value <= forecasts[row]!).length / noise.length;
      expect(Math.abs(share - level)).toBeLessThan(0.03);
    }
  });

  it('of the softmax loss give the likelier class more probability', () => {
    const booster = new Booster(
      takeRows(table, 0, 1_500),
      classes.subarray(0, 1_500),
      null,
      softmaxLoss(3),
      TREE_SETTINGS,
      1,
    );
    for (let round = 0; round < 60; round++) booster.addRound();
    const rest = takeRows(table, 1_500, 2_000);
    const sums = [0, 1, 2].map((output) => predictTrees(booster, rest, output));
    const p = new Float64Array(3);
    let hits = 0;
    for (let row = 0; row < 500; row++) {
      probabilities(sums, row, p);
      expect(p[0]! + p[1]! + p[2]!).toBeCloseTo(1, 12);
      if (p[classes[1_500 + row]!]! === Math.max(...p)) hits++;
    }
    expect(hits / 500).toBeGreaterThan(0.9);
  });

  it('judge held-out rows by the loss of all trees so far', () => {
    const booster = new Booster(
      takeRows(table, 0, 1_500),
      values.subarray(0, 1_500),
      null,
      squaredLoss,
      TREE_SETTINGS,
      1,
    );
    const rest = takeRows(table, 1_500, 2_000);
    const judge = new HeldOutRows(rest, values.subarray(1_500), squaredLoss, booster.base);
    for (let round = 0; round < 5; round++) judge.add(booster.addRound());
    const forecasts = predictTrees(booster, rest);
    const error = forecasts.reduce((sum, forecast, row) => sum + (forecast - values[1_500 + row]!) ** 2, 0) / 500;
    expect(judge.meanLoss()).toBeCloseTo(error, 12);
  });
});

describe('parts of a table', () => {
  it('are its rows, its columns, and it with one column read from other rows', () => {
    const bins = (of: BinnedTable, row: number): number[] => [...of.borders.keys()].map((c) => binAt(of, row, c));
    expect(bins(takeRows(table, 10, 12), 1)).toEqual(bins(table, 11));
    const swapped = takeColumns(table, [2, 0]);
    expect(bins(swapped, 7)).toEqual([binAt(table, 7, 2), binAt(table, 7, 0)]);
    expect(swapped.borders[1]).toBe(table.borders[0]);
    const order = Int32Array.from({ length: 2_000 }, (_, row) => 1_999 - row);
    const exchanged = withExchangedColumn(table, 1, order);
    expect(bins(exchanged, 0)).toEqual([binAt(table, 0, 0), binAt(table, 1_999, 1), binAt(table, 0, 2)]);
  });
});
