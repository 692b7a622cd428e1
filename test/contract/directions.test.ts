import type { Algorithm, FitOutcome, ModelState, TrainingCheckpoint } from '#src/ml/algorithms/algorithm.js';
import { ALGORITHMS, assertSupportsTask, getAlgorithm, supportsTask } from '#src/ml/algorithms/algorithms.js';
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
/** The same of those that learn no labels: directions follow from the values that they forecast. */
const BY_VALUES: Readonly<Record<string, Record<string, unknown>>> = {
  naive: {},
  'seasonal-naive': {},
  drift: {},
  'historic-mean': {},
  ets: {},
  arima: {},
  theta: {},
  ridge: {},
  deepar: { ...NETWORK, layers: 1, cells: 6, samples: 40 },
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

const SKILLED_VALUES: Readonly<Record<string, Record<string, unknown>>> = {
  deepar: { ...NETWORK, layers: 1, cells: 12, dropout: 0, samples: 100, epochs: 25, batchSize: 32 },
};
/** Those that can forecast a swing: the others repeat, average or smooth. */
const KNOWING = ['ets', 'arima', 'ridge', 'deepar'];
/** Of the series there: models with errors that multiply need positive values. */
const LEVEL = 100;

const VARIANTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['lstm', { channels: 'shared' }],
  ['mlp', { normalisation: 'none' }],
  ['boosting', { shared: false, normalisation: 'none' }],
  ['logistic', { normalisation: 'none', exogenous: 'none' }],
];
const VALUE_VARIANTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['ets', { model: 'ANN' }],
  // Errors that multiply have no distribution of known form: simulated.
  ['ets', { model: 'MNN' }],
  ['arima', { search: false, order: [1, 1, 0] }],
  ['deepar', { likelihood: 'gaussian', normalisation: 'mean-absolute' }],
  ['ridge', { shared: false }],
];

type Case = readonly [string, Algorithm, Record<string, unknown>];
const casesOf = (
  names: readonly string[],
  variants: readonly (readonly [string, Record<string, unknown>])[],
): readonly Case[] => [
  ...names.map((name): Case => [name, getAlgorithm(name), {}]),
  ...variants.map(([name, given]): Case => [`${name} ${JSON.stringify(given)}`, getAlgorithm(name), given]),
];
const CASES = casesOf(Object.keys(SMALL), VARIANTS);
const VALUE_CASES = casesOf(Object.keys(BY_VALUES), VALUE_VARIANTS);

function dataSet(rows = 300, signal = true, level = 0): WindowedData {
  const noise = testNoise(4);
  const feature = (): Float64Array => Float64Array.from({ length: rows }, () => noise());
  const raised = Object.entries(swingingSeries(rows, signal)).map(([name, values]) => {
    return [name, values.map((value) => value + level)] as const;
  });
  const data = directionData({
    series: Object.fromEntries(raised),
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

const withoutDirections = ({ directions: _, ...data }: WindowedData): WindowedData => data;

async function scored(algorithm: Algorithm, data: WindowedData, given: Record<string, unknown>) {
  const { model } = await algorithm.fit(data, resolved(algorithm, given), trainingContext());
  const forecaster = await algorithm.restore(model);
  const { report } = await evaluateDirections(data, forecaster, 1);
  forecaster.dispose();
  return report.test!;
}

it('are told by these: by all but ensembles and imported files', () => {
  const told = ALGORITHMS.filter((algorithm) => supportsTask(algorithm, 'direction')).map(({ name }) => name);
  expect(told.sort()).toEqual([...Object.keys(SMALL), ...Object.keys(BY_VALUES)].sort());
  const others = ALGORITHMS.filter((algorithm) => !supportsTask(algorithm, 'direction')).map(({ name }) => name);
  expect(others).toEqual(['ensemble', 'imported']);
  expect(() => assertSupportsTask(getAlgorithm('ensemble'), 'direction')).toThrow(
    /^algorithm\.name ensemble cannot do the task direction: choose one of naive, .*, or the task forecast$/,
  );
});

/** Both kinds, and both kinds again below by what they are trained on. */
describe.each([...CASES, ...VALUE_CASES])('%s', (_name, algorithm, variant) => {
  const data = dataSet(300, true, algorithm.name in BY_VALUES ? LEVEL : 0);
  const small = resolved(algorithm, { ...SMALL[algorithm.name], ...BY_VALUES[algorithm.name], ...variant });
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

  it('is cancelled, ends with its runtime, and goes on from any checkpoint with the same bytes', async () => {
    const cancelled = algorithm.fit(data, small, trainingContext({ isCancelled: () => true }));
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    let clock = 0;
    const stopped = await algorithm.fit(data, small, trainingContext({ maxRuntimeMs: 3, elapsedMs: () => clock++ }));
    expect(stopped.stopReason).toBe(algorithm.family === 'baseline' ? 'completed' : 'budget');
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
});

describe.each(CASES)('%s, on labels', (_name, algorithm, variant) => {
  const data = dataSet();
  const small = resolved(algorithm, { ...SMALL[algorithm.name], ...variant });
  let outcome: FitOutcome;
  beforeAll(async () => {
    outcome = await algorithm.fit(data, small, trainingContext());
  });

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

describe.each(VALUE_CASES)('%s, on values', (_name, algorithm, variant) => {
  const data = dataSet(300, true, LEVEL);
  const small = resolved(algorithm, { ...BY_VALUES[algorithm.name], ...variant });
  let outcome: FitOutcome;
  beforeAll(async () => {
    outcome = await algorithm.fit(data, small, trainingContext());
  });

  it('is the model of the task forecast, its target standardised, whatever counts as flat', async () => {
    const end = data.origins.train.at(-1)! + HORIZON + 1;
    const columns = data.targets.columns.map((column) => {
      const rows = column.subarray(data.origins.train[0]! - LOOK_BACK + 1, end);
      const mean = rows.reduce((sum, value) => sum + value, 0) / rows.length;
      const deviation = Math.sqrt(rows.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows.length);
      return column.map((value) => (value - mean) / deviation);
    });
    const values = await algorithm.fit(
      { ...withoutDirections(data), targets: { ...data.targets, columns } },
      small,
      trainingContext(),
    );
    expect(encodeModelState(outcome.model.values!)).toEqual(encodeModelState(values.model));
    expect(values.model.task).toBeUndefined();
    expect(outcome.model).toMatchObject({ task: 'direction', algorithm: algorithm.name, horizon: HORIZON });
    expect(outcome).toMatchObject({ loss: values.loss, validationLoss: values.validationLoss });
    const again = await algorithm.fit(dataSet(300, true, LEVEL), small, trainingContext());
    expect(encodeModelState(again.model)).toEqual(encodeModelState(outcome.model));
    const { threshold, limits } = data.directions!;
    const wider = { threshold: 2 * threshold, limits: limits.map((ofTarget) => ofTarget.map((one) => 2 * one)) };
    const other = await algorithm.fit({ ...data, directions: wider }, small, trainingContext());
    expect(encodeModelState(other.model.values!)).toEqual(encodeModelState(outcome.model.values!));
    const [narrow, wide] = [await algorithm.restore(outcome.model), await algorithm.restore(other.model)];
    const asked = [data.inputs, data.origins.test] as const;
    const [near, far] = [await narrow.classProbabilities!(...asked), await wide.classProbabilities!(...asked)];
    for (let at = 0; at < near.length; at += 3) {
      expect(far[at + 1]).toBeGreaterThanOrEqual(near[at + 1]!);
      expect(far[at]).toBeLessThanOrEqual(near[at]!);
      expect(far[at + 2]).toBeLessThanOrEqual(near[at + 2]!);
    }
    narrow.dispose();
    wide.dispose();
  });

  it('counts no change that was not observed, and reads nothing after the last validation window', async () => {
    const last = data.origins.validation.at(-1)! + HORIZON;
    const blank = (columns: readonly Float64Array[]): Float64Array[] =>
      columns.map((column) => column.map((value, row) => (row > last ? Number.NaN : value)));
    const { targets } = data;
    const blind = {
      ...data,
      inputs: withInputs(data, blank(data.inputs.columns)),
      targets: { ...targets, columns: blank(targets.columns), original: blank(targets.original!) },
    };
    const { model } = await algorithm.fit(blind, small, trainingContext());
    expect(encodeModelState(model)).toEqual(encodeModelState(outcome.model));
    const windows = data.origins.train.length;
    expect([...outcome.model.tensors['changes']!.data]).toEqual([windows, windows, windows, windows]);
    const observed = targets.observed.map((column) => column.map((one, row) => (row === 60 ? 0 : one)));
    const hidden = await algorithm.fit({ ...data, targets: { ...targets, observed } }, small, trainingContext());
    // From row 60, and to it.
    const fewer = windows - 2;
    expect([...hidden.model.tensors['changes']!.data]).toEqual([fewer, fewer, fewer, fewer]);
  });

  it('knows a direction that follows from the window where it forecasts the value, and finds none in noise', async () => {
    const given = { ...SKILLED_VALUES[algorithm.name], ...variant };
    const walk = await scored(algorithm, dataSet(600, false, LEVEL), given);
    expect(walk.hasSkill).toBe(false);
    // Not far off in what it cannot know.
    expect(walk.model.logLoss).toBeLessThan(1.25 * walk.trainShares.logLoss);
    const swing = await scored(algorithm, dataSet(600, true, LEVEL), given);
    const first = swing.perStep[0]!;
    const knows = KNOWING.includes(algorithm.name) && variant['model'] === undefined;
    if (knows) expect(first.model.macroAuc).toBeGreaterThan(0.95);
    else expect(first.model.logLoss).toBeLessThan(1.25 * first.trainShares.logLoss);
    expect(first.skill).toBeGreaterThan(knows ? 0.3 : -0.25);
    expect(swing.hasSkill || !knows).toBe(true);
  });
});

it('a warm start of deepar is its origin as long as nothing was learned, in the units of its origin', async () => {
  const deepar = getAlgorithm('deepar');
  const small = resolved(deepar, BY_VALUES['deepar']!);
  const { model } = await deepar.fit(dataSet(), small, trainingContext());
  const warmStart = decodeModelState(encodeModelState(model));
  const data = dataSet(420);
  const unchanged = await deepar.fit(data, small, trainingContext({ warmStart, maxRuntimeMs: 0 }));
  expect(unchanged).toMatchObject({ bestEpoch: 0, stopReason: 'budget', originLoss: unchanged.validationLoss });
  expect(unchanged.model.facts).toMatchObject({ means: model.facts['means'], deviations: model.facts['deviations'] });
  expect(unchanged.model.values!.tensors).toEqual(warmStart.values!.tensors);
  const warm = await deepar.fit(data, small, trainingContext({ warmStart }));
  expect(warm.validationLoss).toBeLessThanOrEqual(warm.originLoss!);
});

it('refuses inputs that have no values of the target, naming the field', async () => {
  const data = dataSet(300, true, LEVEL);
  const columns = data.inputs.columns.map((column, at) => (at === 0 ? column.map((value) => Math.log(value)) : column));
  const fitting = getAlgorithm('ridge').fit(
    { ...data, inputs: withInputs(data, columns) },
    resolved(getAlgorithm('ridge'), {}),
    trainingContext(),
  );
  await expect(fitting).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    message: expect.stringContaining(
      'ridge tells directions by where it forecasts alpha beside the last value',
    ) as string,
    details: { path: 'scaling.inputs', target: 'alpha', algorithm: 'ridge' },
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
