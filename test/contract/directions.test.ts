import type { Algorithm, FitOutcome, ModelState, TrainingCheckpoint } from '#src/ml/algorithms/algorithm.js';
import { ALGORITHMS, supportsTask } from '#src/ml/algorithms/algorithms.js';
import { evaluateDirections } from '#src/ml/evaluation/evaluate-directions.js';
import {
  decodeCheckpoint,
  decodeModelState,
  encodeCheckpoint,
  encodeModelState,
} from '#src/ml/export/model-state-codec.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { getStrategy } from '#src/training/ml-strategy.js';
import { directionData, swingingSeries } from '../support/direction-windows.js';
import { denseTopology } from '../support/topologies.js';
import { testNoise, trainingContext } from '../support/synthetic-windows.js';

/**
 * Every algorithm that tells directions, held to the contract of `classProbabilities`. Real: the algorithms with their
 * engines, the evaluation. Most series swing: the direction of the next change follows from the last one.
 */
const LOOK_BACK = 8;
const HORIZON = 2;
const NETWORK = { epochs: 4, batchSize: 48, learningRate: 0.01 };
const SMALL: Readonly<Record<string, Record<string, unknown>>> = {
  logistic: { lambdas: [1e-3, 1e-1], lags: 6 },
  'tfjs-layers': { ...NETWORK, topology: denseTopology(HORIZON, 6) },
  boosting: { rounds: 40 },
  mlp: { ...NETWORK, units: [8], dropout: 0.1 },
  lstm: { ...NETWORK, units: [6], dropout: 0.1 },
  gru: { ...NETWORK, units: [6] },
  nlinear: NETWORK,
  dlinear: { ...NETWORK, movingAverage: 3 },
  tcn: { ...NETWORK, filters: 5, blocks: 2 },
  nhits: { ...NETWORK, units: 8, layers: 1 },
  'patch-transformer': { ...NETWORK, patchLength: 4, stride: 2, width: 4, heads: 2, blocks: 1, feedForward: 8 },
};
/** Enough training to tell the direction of a swing. */
const SKILLED: Readonly<Record<string, Record<string, unknown>>> = {
  logistic: {},
  boosting: { rounds: 60 },
  ...Object.fromEntries(
    Object.entries(SMALL)
      .filter(([name]) => name !== 'logistic' && name !== 'boosting')
      .map(([name, small]) => [name, { ...small, dropout: undefined, epochs: 25, batchSize: 32 }]),
  ),
  tcn: { ...NETWORK, filters: 10, blocks: 2, epochs: 25, batchSize: 32 },
  'patch-transformer': {
    ...NETWORK,
    patchLength: 2,
    stride: 1,
    width: 12,
    heads: 2,
    blocks: 1,
    feedForward: 24,
    dropout: 0,
    epochs: 30,
    batchSize: 32,
  },
};

const VARIANTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['lstm', { channels: 'shared' }],
  ['mlp', { normalisation: 'none' }],
  ['boosting', { shared: false, normalisation: 'none' }],
  ['logistic', { normalisation: 'none', exogenous: 'none' }],
];

type Case = readonly [string, Algorithm, Record<string, unknown>];
const CASES: readonly Case[] = [
  ...ALGORITHMS.filter((algorithm) => supportsTask(algorithm, 'direction')).map((algorithm): Case => [
    algorithm.name,
    algorithm,
    {},
  ]),
  ...VARIANTS.map(([name, given]): Case => [
    `${name} ${JSON.stringify(given)}`,
    ALGORITHMS.find((algorithm) => algorithm.name === name)!,
    given,
  ]),
];

function dataSet(rows = 300, signal = true): WindowedData {
  const noise = testNoise(4);
  const feature = (): Float64Array => Float64Array.from({ length: rows }, () => noise());
  const data = directionData({
    series: swingingSeries(rows, signal),
    features: { alpha_RSI: feature(), beta_RSI: feature(), hour: feature() },
    targets: ['alpha', 'beta'],
    lookBack: LOOK_BACK,
    horizon: HORIZON,
    seasonLength: 4,
  });
  return { ...data, inputs: { ...data.inputs, assets: ['alpha', 'beta', 'alpha', 'beta', null] } };
}

const resolved = (algorithm: Algorithm, given: Record<string, unknown>): ParameterValues =>
  resolveParameters(
    algorithm.hyperparameters,
    Object.fromEntries(
      Object.entries(given).filter(([name, value]) => value !== undefined && name in algorithm.hyperparameters),
    ),
    'algorithm.hyperparameters',
  );

const withInputs = (data: WindowedData, columns: readonly Float64Array[]): WindowedData['inputs'] => ({
  ...data.inputs,
  columns,
});

async function scored(algorithm: Algorithm, data: WindowedData, given: Record<string, unknown>) {
  const { model } = await algorithm.fit(data, resolved(algorithm, given), trainingContext());
  const forecaster = await algorithm.restore(model);
  const { report } = await evaluateDirections(data, forecaster, 1);
  forecaster.dispose();
  return report.test!;
}

it('are told by these, and by no baseline or statistical model', () => {
  expect(ALGORITHMS.filter((algorithm) => supportsTask(algorithm, 'direction')).map(({ name }) => name)).toEqual(
    Object.keys(SMALL).sort((one, other) => order(one) - order(other)),
  );
});
const order = (name: string): number => ALGORITHMS.findIndex((algorithm) => algorithm.name === name);

describe.each(CASES)('%s', (_name, algorithm, variant) => {
  const data = dataSet();
  const small = resolved(algorithm, { ...SMALL[algorithm.name], ...variant });
  let outcome: FitOutcome;
  beforeAll(async () => {
    outcome = await algorithm.fit(data, small, trainingContext());
  });
  const probabilities = async (inputs: WindowedData['inputs'], origins: Int32Array): Promise<Float64Array> => {
    const forecaster = await algorithm.restore(outcome.model);
    const made = await forecaster.classProbabilities!(inputs, origins);
    forecaster.dispose();
    return made;
  };

  it('names its task and reports a log loss and full progress', async () => {
    const context = trainingContext();
    const again = await algorithm.fit(dataSet(), small, context);
    expect(again.model).toMatchObject({ task: 'direction', algorithm: algorithm.name, horizon: HORIZON });
    expect(again).toMatchObject({ lossName: 'log' });
    expect(again.loss).toBeGreaterThan(0);
    expect(again.loss).toBeLessThan(2);
    expect(again.validationLoss).toBeLessThan(2);
    expect(context.progress.at(-1)!.fraction).toBeCloseTo(1, 10);
    // The same data, hyperparameters and seed give the same bytes.
    expect(encodeModelState(again.model)).toEqual(encodeModelState(outcome.model));
    expect(again.validationLoss).toBe(outcome.validationLoss);
  });

  it('gives probabilities that sum to 1, the same from a state that went through its bytes', async () => {
    const made = await probabilities(data.inputs, data.origins.test);
    expect(made).toHaveLength(data.origins.test.length * HORIZON * 2 * 3);
    for (let at = 0; at < made.length; at += 3) {
      const three = [made[at]!, made[at + 1]!, made[at + 2]!];
      expect(Math.min(...three)).toBeGreaterThanOrEqual(0);
      expect(Math.abs(three[0]! + three[1]! + three[2]! - 1)).toBeLessThan(1e-12);
    }
    const restored = await algorithm.restore(decodeModelState(encodeModelState(outcome.model)));
    expect(await restored.classProbabilities!(data.inputs, data.origins.test)).toEqual(made);
    await expect(restored.forecast(data.inputs, data.origins.test)).rejects.toThrow('directions, not values');
    restored.dispose();
  });

  it('reads its window and nothing else, alone as among others', async () => {
    const together = await probabilities(data.inputs, data.origins.test);
    for (const at of [0, 7, 19]) {
      const origin = data.origins.test[at]!;
      const outside = data.inputs.columns.map((column) =>
        column.map((value, row) => (row > origin || row <= origin - LOOK_BACK ? Number.NaN : value)),
      );
      const alone = await probabilities(withInputs(data, outside), Int32Array.of(origin));
      expect(alone).toEqual(together.slice(at * HORIZON * 6, (at + 1) * HORIZON * 6));
    }
  });

  it('learns nothing from after the last validation window, from windows of no weight, or from unobserved changes', async () => {
    const last = data.origins.validation.at(-1)! + HORIZON;
    const blank = (columns: readonly Float64Array[]): Float64Array[] =>
      columns.map((column) => column.map((value, row) => (row > last ? Number.NaN : value)));
    const { targets } = data;
    const blind = await algorithm.fit(
      {
        ...data,
        inputs: withInputs(data, blank(data.inputs.columns)),
        targets: { ...targets, columns: blank(targets.columns), original: blank(targets.original!) },
      },
      small,
      trainingContext(),
    );
    expect(encodeModelState(blind.model)).toEqual(encodeModelState(outcome.model));

    // Values of rows that are forecast by windows without weight: labels change, the model does not.
    const first = 120;
    const weights = Float64Array.from(data.origins.train, (origin) => (origin < first ? 0 : 2));
    const noise = testNoise(9);
    const other = targets.original!.map((column) =>
      column.map((value, row) => (row < first - LOOK_BACK ? noise() : value)),
    );
    const weighted = async (original: readonly Float64Array[]) =>
      algorithm.fit({ ...data, weights, targets: { ...targets, original } }, small, trainingContext());
    const [honest, spoiled] = [await weighted(targets.original!), await weighted(other)];
    expect(encodeModelState(spoiled.model)).toEqual(encodeModelState(honest.model));
    expect(encodeModelState(honest.model)).not.toEqual(encodeModelState(outcome.model));

    // A value that was not observed may be anything.
    const hidden = [60, 61, 90, 150, 151, 152];
    const observed = targets.observed.map((column) => {
      return column.map((one, row) => (hidden.includes(row) ? 0 : one));
    });
    const masked = async (value: number) =>
      algorithm.fit(
        {
          ...data,
          targets: {
            ...targets,
            observed,
            original: targets.original!.map((column) => column.map((one, row) => (hidden.includes(row) ? value : one))),
          },
        },
        small,
        trainingContext(),
      );
    expect(encodeModelState((await masked(1e6)).model)).toEqual(encodeModelState((await masked(-3)).model));
  });

  it('is cancelled, ends with its runtime, and goes on from any checkpoint with the same bytes', async () => {
    const cancelled = algorithm.fit(data, small, trainingContext({ isCancelled: () => true }));
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    let clock = 0;
    const stopped = await algorithm.fit(data, small, trainingContext({ maxRuntimeMs: 3, elapsedMs: () => clock++ }));
    expect(stopped.stopReason).toBe('budget');
    expect(Number.isFinite(stopped.loss)).toBe(true);
    const checkpoints: TrainingCheckpoint[] = [];
    await algorithm.fit(data, small, trainingContext({ onCheckpoint: (one) => checkpoints.push(one) }));
    expect(checkpoints).toHaveLength(getStrategy(algorithm.name).iterative ? 3 : 0);
    for (const checkpoint of checkpoints) {
      const resumeFrom = decodeCheckpoint(encodeCheckpoint(checkpoint));
      const resumed = await algorithm.fit(data, small, trainingContext({ resumeFrom }));
      expect(encodeModelState(resumed.model)).toEqual(encodeModelState(outcome.model));
    }
  });

  it('knows a direction that follows from the window, and finds none in noise', async () => {
    const given = { ...SKILLED[algorithm.name], ...variant };
    const swing = await scored(algorithm, dataSet(600), given);
    expect(swing.perStep[0]!.model.macroAuc).toBeGreaterThan(0.95);
    expect(swing.perStep[0]!.skill).toBeGreaterThan(0.3);
    expect(swing.hasSkill).toBe(true);
    const walk = await scored(algorithm, dataSet(600, false), given);
    expect(Math.abs(walk.perStep[0]!.model.macroAuc! - 0.5)).toBeLessThan(0.12);
    expect(walk.hasSkill).toBe(false);
  });
});

/** Those that can go on from a trained model, on data to which rows were appended since. */
describe.each(CASES.filter(([, algorithm]) => algorithm.warmStart !== undefined))(
  '%s after a warm start',
  (_name, algorithm, variant) => {
    const data = dataSet(420);
    const small = resolved(algorithm, { ...SMALL[algorithm.name], ...variant });
    const isIterative = getStrategy(algorithm.name).iterative;
    let warmStart: ModelState;
    beforeAll(async () => {
      const { model } = await algorithm.fit(dataSet(), small, trainingContext());
      warmStart = decodeModelState(encodeModelState(model));
    });

    it('is its origin, bit for bit, as long as nothing was learned', async () => {
      const unchanged = await algorithm.fit(data, small, trainingContext({ warmStart, maxRuntimeMs: 0 }));
      expect(unchanged).toMatchObject({ bestEpoch: 0, stopReason: 'budget', lossName: 'log' });
      expect(unchanged.originLoss).toBe(unchanged.validationLoss);
      expect(unchanged.model.task).toBe('direction');
      const [origin, restored] = [await algorithm.restore(warmStart), await algorithm.restore(unchanged.model)];
      const asked = [data.inputs, data.origins.validation] as const;
      expect(await restored.classProbabilities!(...asked)).toEqual(await origin.classProbabilities!(...asked));
      // The log loss has no scale: it is the one that the origin has on these windows.
      const { report } = await evaluateDirections(data, origin, 1);
      expect(unchanged.originLoss! / report.validation!.model.logLoss).toBeCloseTo(1, 5);
      origin.dispose();
      restored.dispose();
    });

    it('never ends with a larger validation loss, and the same seed gives the same bytes', async () => {
      const warm = await algorithm.fit(data, small, trainingContext({ warmStart }));
      expect(warm.validationLoss).toBeLessThanOrEqual(warm.originLoss!);
      const again = await algorithm.fit(data, small, trainingContext({ warmStart }));
      expect(encodeModelState(again.model)).toEqual(encodeModelState(warm.model));
      const cold = await algorithm.fit(data, small, trainingContext());
      expect(cold.originLoss).toBeUndefined();
      expect(Buffer.compare(encodeModelState(cold.model), encodeModelState(warm.model))).not.toBe(0);
    });

    it('ends with the same bytes when it is resumed from any checkpoint', async () => {
      const checkpoints: TrainingCheckpoint[] = [];
      const whole = await algorithm.fit(
        data,
        small,
        trainingContext({ warmStart, onCheckpoint: (one) => checkpoints.push(one) }),
      );
      expect(checkpoints.length > 0).toBe(isIterative);
      for (const checkpoint of checkpoints) {
        const resumeFrom = decodeCheckpoint(encodeCheckpoint(checkpoint));
        const resumed = await algorithm.fit(data, small, trainingContext({ warmStart, resumeFrom }));
        expect(encodeModelState(resumed.model)).toEqual(encodeModelState(whole.model));
        expect(resumed).toMatchObject({ originLoss: whole.originLoss, validationLoss: whole.validationLoss });
      }
    });
  },
);

it('a warm start of logistic regression finds the minimum sooner, and refuses other columns', async () => {
  const logistic = ALGORITHMS.find(({ name }) => name === 'logistic')!;
  const given = resolved(logistic, { lambdas: [1e-2] });
  // Without validation windows, on which the origin may be the better one, the minimum is taken.
  const unvalidated = (data: WindowedData): WindowedData => ({
    ...data,
    origins: { ...data.origins, validation: new Int32Array(0) },
  });
  const { model: warmStart } = await logistic.fit(unvalidated(dataSet(600)), given, trainingContext());
  const grown = unvalidated(dataSet(620));
  const warm = await logistic.fit(grown, given, trainingContext({ warmStart }));
  const alone = await logistic.fit(grown, given, trainingContext());
  expect(warm.iterations).toBeLessThan(alone.iterations);
  expect(warm.loss).toBeCloseTo(alone.loss, 6);
  const fewer = resolved(logistic, { lambdas: [1e-2], lags: 2 });
  await expect(logistic.fit(grown, fewer, trainingContext({ warmStart }))).rejects.toMatchObject({
    code: 'WARM_START_MISMATCH',
    message: expect.stringContaining("changes would be 2, the origin's is 7") as string,
  });
});
