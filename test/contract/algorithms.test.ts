import type { Algorithm, FitOutcome, ModelState, TrainingCheckpoint } from '#src/ml/algorithms/algorithm.js';
import { ALGORITHMS, getAlgorithm, supportsTask } from '#src/ml/algorithms/algorithms.js';
import {
  decodeCheckpoint,
  decodeModelState,
  encodeCheckpoint,
  encodeModelState,
} from '#src/ml/export/model-state-codec.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { getStrategy } from '#src/training/ml-strategy.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { convolutionTopology, denseTopology } from '../support/topologies.js';
import { withMembers } from '../support/ensemble-members.js';
import { withModelFile } from '../support/imported-model.js';
import { seasonalSeries, testNoise, trainingContext, windowedData } from '../support/synthetic-windows.js';

/** Small enough to train in a moment; every algorithm without an entry runs with its defaults. */
const SMALL: Readonly<Record<string, Record<string, unknown>>> = {
  lstm: { units: [6, 4], dropout: 0.1, epochs: 4, batchSize: 48, learningRate: 0.01 },
  gru: { units: [6, 4], dropout: 0.1, epochs: 4, batchSize: 48, learningRate: 0.01 },
  mlp: { units: [8, 6], dropout: 0.1, epochs: 4, batchSize: 48, learningRate: 0.01 },
  nlinear: { epochs: 4, batchSize: 48, learningRate: 0.01 },
  dlinear: { movingAverage: 5, epochs: 4, batchSize: 48, learningRate: 0.01 },
  tcn: { filters: 5, blocks: 3, dropout: 0.1, epochs: 4, batchSize: 48, learningRate: 0.01 },
  nhits: { units: 8, layers: 1, dropout: 0.1, epochs: 4, batchSize: 48, learningRate: 0.01 },
  'patch-transformer': {
    patchLength: 4,
    stride: 2,
    width: 4,
    heads: 2,
    blocks: 1,
    feedForward: 8,
    dropout: 0.1,
    epochs: 4,
    batchSize: 48,
    learningRate: 0.01,
  },
  'tfjs-layers': { topology: denseTopology(4, 2), epochs: 4, batchSize: 48, learningRate: 0.01 },
  boosting: { rounds: 40 },
  deepar: { layers: 1, cells: 6, samples: 20, epochs: 4, batchSize: 48, learningRate: 0.01 },
};
/** Enough training to show skill. */
const SKILLED: Readonly<Record<string, Record<string, unknown>>> = {
  lstm: { units: [12], epochs: 12, batchSize: 32, learningRate: 0.01 },
  gru: { units: [12], epochs: 12, batchSize: 32, learningRate: 0.01 },
  mlp: { units: [24], epochs: 12, batchSize: 32, learningRate: 0.01 },
  nlinear: { epochs: 20, batchSize: 32, learningRate: 0.01 },
  dlinear: { movingAverage: 5, epochs: 20, batchSize: 32, learningRate: 0.01 },
  tcn: { filters: 12, blocks: 3, epochs: 12, batchSize: 32, learningRate: 0.005 },
  nhits: { units: 24, epochs: 12, batchSize: 32, learningRate: 0.01 },
  'patch-transformer': {
    patchLength: 4,
    stride: 2,
    width: 12,
    heads: 2,
    blocks: 1,
    feedForward: 24,
    dropout: 0,
    epochs: 20,
    batchSize: 32,
    learningRate: 0.01,
  },
  'tfjs-layers': { topology: denseTopology(4, 2, 24), epochs: 12, batchSize: 32, learningRate: 0.01 },
  deepar: { layers: 1, cells: 20, dropout: 0, samples: 50, epochs: 20, batchSize: 32, learningRate: 0.01 },
};

/** Choices of a hyperparameter that lead elsewhere in the code, besides the defaults: held to the same. */
const VARIANTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['lstm', { channels: 'shared', normalisation: 'none' }],
  ['lstm', { bidirectional: true, loss: 'student-t' }],
  ['gru', { bidirectional: true, loss: 'gaussian' }],
  ['mlp', { channels: 'shared', loss: 'quantile' }],
  ['mlp', { normalisation: 'instance', loss: 'student-t' }],
  ['nlinear', { channels: 'joint', loss: 'huber' }],
  ['nhits', { channels: 'joint', downsampling: [3, 1], pooling: [4, 1] }],
  ['patch-transformer', { patchLength: 6, stride: 3, loss: 'quantile' }],
  ['patch-transformer', { normalisation: 'instance' }],
  ['dlinear', { normalisation: 'last-value', loss: 'mae' }],
  ['tfjs-layers', { topology: convolutionTopology(4, 2, 12) }],
  ['tfjs-layers', { topology: denseTopology(4, 6), loss: 'quantile', quantileLevels: [0.1, 0.5, 0.9] }],
  ['deepar', { layers: 2, likelihood: 'gaussian', normalisation: 'mean-absolute', seasonLength: 6, samples: 21 }],
];

/** The data as they were before a test changed them. */
const original = ({ times, lookBack }: WindowedData): WindowedData => dataSet(times.length, lookBack);

type Case = readonly [string, Algorithm, Record<string, unknown>];

const CASES: readonly Case[] = [
  // What tells directions only is held to the same in directions.test.ts.
  ...ALGORITHMS.filter((algorithm) => supportsTask(algorithm, 'forecast')).map((algorithm): Case => [
    algorithm.name,
    withModelFile(withMembers(algorithm, original), original),
    {},
  ]),
  ['imported, an ONNX file', withModelFile(getAlgorithm('imported'), original, 'onnx'), {}],
  ...VARIANTS.map(([name, given]): Case => [
    `${name} ${JSON.stringify(given)}`,
    ALGORITHMS.find((algorithm) => algorithm.name === name)!,
    given,
  ]),
];

/** Rows of a window in which a model can show skill: local models read a season of 12 rows from two of them. */
const SKILLED_LOOK_BACK: Readonly<Record<string, number>> = { ets: 48, arima: 48, theta: 48 };

function dataSet(rows = 330, lookBack = 14): WindowedData {
  const series = seasonalSeries(rows);
  const noise = testNoise(4);
  const data = windowedData({
    series,
    features: {
      alpha_RSI: Float64Array.from({ length: rows }, () => noise()),
      beta_RSI: Float64Array.from({ length: rows }, () => noise()),
      hour: Float64Array.from({ length: rows }, (_, t) => (t % 12) / 12),
    },
    targets: ['alpha', 'beta'],
    lookBack,
    horizon: 4,
    seasonLength: 12,
  });
  return { ...data, inputs: { ...data.inputs, assets: ['alpha', 'beta', 'alpha', 'beta', null] } };
}

function resolved(algorithm: Algorithm, given: Record<string, unknown>): ParameterValues {
  return resolveParameters(algorithm.hyperparameters, given, 'algorithm.hyperparameters');
}

async function meanAbsoluteError(algorithm: Algorithm, outcome: FitOutcome, data: WindowedData): Promise<number> {
  const forecaster = await algorithm.restore(outcome.model);
  const forecasts = await forecaster.forecast(data.inputs, data.origins.test);
  forecaster.dispose();
  let at = 0;
  let sum = 0;
  for (const origin of data.origins.test) {
    for (let step = 1; step <= data.horizon; step++) {
      for (const column of data.targets.columns) sum += Math.abs(forecasts[at++]! - column[origin + step]!);
    }
  }
  return sum / at;
}

const withInputs = (data: WindowedData, columns: readonly Float64Array[]): WindowedData['inputs'] => ({
  ...data.inputs,
  columns,
});

/** A clock by which each call of an engine takes long: fewer steps are given to the next one. */
function slowMachine(): () => number {
  let nowMs = 0;
  return () => (nowMs += 40);
}

describe.each(CASES)('%s', (_name, algorithm, variant) => {
  const data = dataSet();
  const small = resolved(algorithm, { ...SMALL[algorithm.name], ...variant });
  let outcome: FitOutcome;
  beforeAll(async () => {
    outcome = await algorithm.fit(data, small, trainingContext());
  });

  test('declares a unique name, a description and hyperparameters whose defaults are in range', () => {
    expect(ALGORITHMS.filter(({ name }) => name === algorithm.name)).toHaveLength(1);
    expect(algorithm.name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(algorithm.description.length).toBeGreaterThan(20);
    expect(Object.keys(resolved(algorithm, {}))).toEqual(Object.keys(algorithm.hyperparameters));
  });

  test('names what it was trained on, reports finite losses and full progress', async () => {
    const context = trainingContext();
    const { model, loss, validationLoss } = await algorithm.fit(data, small, context);
    expect(model).toMatchObject({
      algorithm: algorithm.name,
      lookBack: 14,
      horizon: 4,
      inputs: data.inputs.names,
      targets: ['alpha', 'beta'],
      hyperparameters: small,
    });
    expect(Number.isFinite(loss)).toBe(true);
    expect(Number.isFinite(validationLoss)).toBe(true);
    expect(context.progress.at(-1)!.fraction).toBeCloseTo(1, 10);
    const fractions = context.progress.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  test('the same data, hyperparameters and seed give the same bytes', async () => {
    const again = await algorithm.fit(dataSet(), small, trainingContext());
    expect(encodeModelState(again.model)).toEqual(encodeModelState(outcome.model));
    expect(again.loss).toBe(outcome.loss);
    expect(again.validationLoss).toBe(outcome.validationLoss);
  });

  test('windows of no weight do not matter where weights are used, and weights do not where they are not', async () => {
    const { train } = data.origins;
    const first = 90;
    // Windows with an origin from here on have none of the rows that change, and those before count for nothing.
    const weights = Float64Array.from(train, (origin) => (origin < first ? 0 : 2));
    const spoil = (column: Float64Array): Float64Array =>
      column.map((value, row) => (row <= first - data.lookBack ? 2 * value + 7 : value));
    const other = {
      ...data,
      inputs: withInputs(data, data.inputs.columns.map(spoil)),
      targets: { ...data.targets, columns: data.targets.columns.map(spoil) },
    };
    const forecasts = async (of: WindowedData): Promise<Float64Array> => {
      const { model } = await algorithm.fit(of, small, trainingContext());
      const forecaster = await algorithm.restore(model);
      const made = await forecaster.forecast(data.inputs, data.origins.test);
      forecaster.dispose();
      return made;
    };
    const largest = (a: Float64Array, b: Float64Array): number =>
      Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));
    const weighted = await forecasts({ ...data, weights });
    const unweighted = await forecasts(data);
    if (algorithm.usesWeights) {
      expect(largest(await forecasts({ ...other, weights }), weighted)).toBeLessThan(1e-9);
      expect(largest(unweighted, weighted)).toBeGreaterThan(1e-4);
      const alike = await forecasts({ ...data, weights: new Float64Array(train.length).fill(1) });
      expect(largest(alike, unweighted)).toBeLessThan(1e-9);
    } else {
      expect(weighted).toEqual(unweighted);
    }
  });

  test('another seed gives other bytes to what trains in epochs and the same to everything else', async () => {
    const other = await algorithm.fit(data, small, trainingContext({ seed: 2 }));
    const same = Buffer.compare(encodeModelState(other.model), encodeModelState(outcome.model)) === 0;
    expect(same).toBe(!getStrategy(algorithm.name).iterative);
  });

  test('a state that went through its bytes forecasts bit for bit the same', async () => {
    const original = await algorithm.restore(outcome.model);
    const restored = await algorithm.restore(decodeModelState(encodeModelState(outcome.model)));
    const forecasts = await original.forecast(data.inputs, data.origins.test);
    expect(forecasts).toHaveLength(data.origins.test.length * 4 * 2);
    expect(forecasts.every(Number.isFinite)).toBe(true);
    expect(await restored.forecast(data.inputs, data.origins.test)).toEqual(forecasts);
    original.dispose();
    restored.dispose();
  });

  test('no value after an origin changes its forecast, not even one that goes missing', async () => {
    const forecaster = await algorithm.restore(outcome.model);
    for (const origin of [data.origins.test[0]!, data.origins.test[17]!]) {
      const honest = await forecaster.forecast(data.inputs, Int32Array.of(origin));
      for (const future of [Number.NaN, 1e6, -3]) {
        const changed = data.inputs.columns.map((column) =>
          column.map((value, row) => (row > origin ? future : value)),
        );
        expect(await forecaster.forecast(withInputs(data, changed), Int32Array.of(origin))).toEqual(honest);
      }
    }
    forecaster.dispose();
  });

  test('rows before the window do not matter either, and the last row does', async () => {
    const forecaster = await algorithm.restore(outcome.model);
    const origin = data.origins.test[5]!;
    const honest = await forecaster.forecast(data.inputs, Int32Array.of(origin));
    const cut = data.inputs.columns.map((column) =>
      column.map((value, row) => (row <= origin - 14 ? Number.NaN : value)),
    );
    expect(await forecaster.forecast(withInputs(data, cut), Int32Array.of(origin))).toEqual(honest);
    const window = data.inputs.columns.map((column) =>
      column.map((value, row) => (row > origin - 12 ? value + 1 : value)),
    );
    expect(await forecaster.forecast(withInputs(data, window), Int32Array.of(origin))).not.toEqual(honest);
    forecaster.dispose();
  });

  test('training ignores everything after the last validation window', async () => {
    const last = data.origins.validation.at(-1)! + data.horizon;
    const blank = (columns: readonly Float64Array[]): Float64Array[] =>
      columns.map((column) => column.map((value, row) => (row > last ? Number.NaN : value)));
    const changed = {
      ...data,
      inputs: withInputs(data, blank(data.inputs.columns)),
      targets: { ...data.targets, columns: blank(data.targets.columns) },
    };
    const blind = await algorithm.fit(changed, small, trainingContext());
    expect(encodeModelState(blind.model)).toEqual(encodeModelState(outcome.model));
  });

  test('a window gives the same bytes alone as among all others', async () => {
    const forecaster = await algorithm.restore(outcome.model);
    const together = await forecaster.forecast(data.inputs, data.origins.test);
    for (let at = 0; at < data.origins.test.length; at += 5) {
      const alone = await forecaster.forecast(data.inputs, data.origins.test.slice(at, at + 1));
      expect(alone).toEqual(together.slice(at * 8, at * 8 + 8));
    }
    forecaster.dispose();
  });

  test('quantiles of its own, where it has some, are finite, in order, and those of its window', async () => {
    const forecaster = await algorithm.restore(outcome.model);
    const levels = [0.025, 0.1, 0.5, 0.9, 0.975];
    const { forecastQuantiles } = forecaster;
    const quantiles = await forecastQuantiles?.call(forecaster, data.inputs, data.origins.test, levels);
    // The count is the number of values that were asked for, and 0 of a point forecaster.
    const perWindow = 4 * 2 * levels.length;
    expect(quantiles?.length ?? 0).toBe(forecastQuantiles === undefined ? 0 : data.origins.test.length * perWindow);
    for (const [at, value] of (quantiles ?? []).entries()) {
      expect(Number.isFinite(value)).toBe(true);
      if (at % levels.length > 0) expect(value).toBeGreaterThanOrEqual(quantiles![at - 1]!);
    }
    const origin = data.origins.test[5]!;
    const changed = data.inputs.columns.map((column) =>
      column.map((value, row) => (row > origin || row <= origin - 14 ? Number.NaN : value)),
    );
    const alone = await forecastQuantiles?.call(forecaster, withInputs(data, changed), Int32Array.of(origin), levels);
    expect(alone).toEqual(quantiles?.slice(5 * perWindow, 6 * perWindow));
    const { forecastWithQuantiles } = forecaster;
    const once = await forecastWithQuantiles?.call(forecaster, data.inputs, data.origins.test, levels);
    const apart = { forecasts: await forecaster.forecast(data.inputs, data.origins.test), quantiles };
    expect(once ?? apart).toEqual(apart);
    forecaster.dispose();
  });

  test('a cancelled training throws CANCELLED within a batch', async () => {
    let asked = 0;
    const atOnce = algorithm.fit(data, small, trainingContext({ isCancelled: () => true }));
    await expect(atOnce).rejects.toMatchObject({ code: 'CANCELLED' });
    const later = trainingContext({ isCancelled: () => ++asked > 2 });
    await expect(algorithm.fit(data, small, later)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(asked).toBe(3);
  });

  test('a runtime that is over ends normally with the best so far', async () => {
    let clock = 0;
    const context = trainingContext({ maxRuntimeMs: 7, elapsedMs: () => clock++ });
    const stopped = await algorithm.fit(data, small, context);
    expect(stopped.stopReason).toBe(algorithm.family === 'baseline' ? 'completed' : 'budget');
    expect(Number.isFinite(await meanAbsoluteError(algorithm, stopped, data))).toBe(true);
  });

  test('a training resumed from any checkpoint, on a slower machine, ends with the same bytes', async () => {
    const checkpoints: TrainingCheckpoint[] = [];
    await algorithm.fit(data, small, trainingContext({ onCheckpoint: (c) => checkpoints.push(c) }));
    expect(checkpoints).toHaveLength(getStrategy(algorithm.name).iterative ? 3 : 0);
    for (const checkpoint of checkpoints) {
      const resumeFrom = decodeCheckpoint(encodeCheckpoint(checkpoint));
      const context = trainingContext({ resumeFrom, elapsedMs: slowMachine() });
      const resumed = await algorithm.fit(data, small, context);
      expect(encodeModelState(resumed.model)).toEqual(encodeModelState(outcome.model));
      expect(resumed).toMatchObject({ loss: outcome.loss, validationLoss: outcome.validationLoss });
      expect(context.records[0]!.epoch).toBe(checkpoint.epoch + 1);
    }
  });

  test('what learns beats seasonal naive by a tenth on seasonal data', async () => {
    const long = dataSet(700, SKILLED_LOOK_BACK[algorithm.name]);
    const learned = await algorithm.fit(
      long,
      resolved(algorithm, { ...SKILLED[algorithm.name], ...variant }),
      trainingContext(),
    );
    const seasonal = ALGORITHMS.find(({ name }) => name === 'seasonal-naive')!;
    const yardstick = await seasonal.fit(long, resolved(seasonal, {}), trainingContext());
    const limit = await meanAbsoluteError(seasonal, yardstick, long);
    const error = await meanAbsoluteError(algorithm, learned, long);
    if (algorithm.family === 'baseline') expect(error).toBeGreaterThanOrEqual(limit);
    else expect(error).toBeLessThan(0.9 * limit);
  });
});

/** Those that can go on from a trained model, on data to which rows were appended since. */
describe.each(CASES.filter(([, algorithm]) => algorithm.warmStart !== undefined))(
  '%s after a warm start',
  (_name, algorithm, variant) => {
    const data = dataSet(420);
    const small = resolved(algorithm, { ...SMALL[algorithm.name], ...variant });
    let warmStart: ModelState;
    beforeAll(async () => {
      const { model } = await algorithm.fit(dataSet(), small, trainingContext());
      warmStart = decodeModelState(encodeModelState(model));
    });

    test('is its origin, bit for bit, as long as nothing was learned', async () => {
      const unchanged = await algorithm.fit(data, small, trainingContext({ warmStart, maxRuntimeMs: 0 }));
      expect(unchanged).toMatchObject({ bestEpoch: 0, stopReason: 'budget' });
      expect(unchanged.originLoss).toBe(unchanged.validationLoss);
      const [origin, restored] = [await algorithm.restore(warmStart), await algorithm.restore(unchanged.model)];
      const forecasts = await origin.forecast(data.inputs, data.origins.validation);
      expect(await restored.forecast(data.inputs, data.origins.validation)).toEqual(forecasts);
      let [at, sum] = [0, 0];
      for (const row of data.origins.validation) {
        for (let step = 1; step <= data.horizon; step++) {
          for (const column of data.targets.columns) sum += (forecasts[at++]! - column[row + step]!) ** 2;
        }
      }
      // The squared error has no other scale than that of the forecasts; other losses have their own tests.
      const squared = (unchanged.lossName ?? 'mse') === 'mse';
      expect(squared ? unchanged.originLoss! / (sum / at) : 1).toBeCloseTo(1, 5);
      origin.dispose();
      restored.dispose();
    });

    test('never ends with a larger validation loss, and the same seed gives the same bytes', async () => {
      const [first, second] = [trainingContext({ warmStart }), trainingContext({ warmStart })];
      const warm = await algorithm.fit(data, small, first);
      expect(warm.validationLoss).toBeLessThanOrEqual(warm.originLoss!);
      expect(encodeModelState((await algorithm.fit(data, small, second)).model)).toEqual(encodeModelState(warm.model));
      const cold = await algorithm.fit(data, small, trainingContext());
      expect(cold.originLoss).toBeUndefined();
      expect(Buffer.compare(encodeModelState(cold.model), encodeModelState(warm.model))).not.toBe(0);
    });

    test('ends with the same bytes when it is resumed from any checkpoint on a slower machine', async () => {
      const checkpoints: TrainingCheckpoint[] = [];
      const context = trainingContext({ warmStart, onCheckpoint: (c) => checkpoints.push(c) });
      const whole = await algorithm.fit(data, small, context);
      expect(checkpoints.length).toBeGreaterThan(0);
      for (const checkpoint of checkpoints) {
        const resumeFrom = decodeCheckpoint(encodeCheckpoint(checkpoint));
        const resumed = await algorithm.fit(
          data,
          small,
          trainingContext({ warmStart, resumeFrom, elapsedMs: slowMachine() }),
        );
        expect(encodeModelState(resumed.model)).toEqual(encodeModelState(whole.model));
        expect(resumed).toMatchObject({ originLoss: whole.originLoss, validationLoss: whole.validationLoss });
      }
    });
  },
);
