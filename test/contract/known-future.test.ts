import fc from 'fast-check';
import { ALGORITHMS, supportsTask } from '#src/ml/algorithms/algorithms.js';
import type { AssetFrame } from '#src/ml/frame/time-frame.js';
import { applyProcessing } from '#src/ml/processing/apply-processing.js';
import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { futureInputs } from '#src/ml/processing/future-inputs.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { FittedProcessing, ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { InputMatrix, WindowedData } from '#src/ml/windows/windowed-data.js';
import { failureOf } from '../support/failure-of.js';
import { assetFrame, planOf } from '../support/plans.js';
import { DAY_MS, differingRows, HOUR_MS, randomWalk, regularTimes, seededUniform } from '../support/series.js';
import { testNoise, trainingContext, windowedData } from '../support/synthetic-windows.js';
import { denseTopology } from '../support/topologies.js';
import { withMembers } from '../support/ensemble-members.js';
import { withModelFile } from '../support/imported-model.js';

/**
 * What may be read after an origin t, and nothing else: rows up to t + horizon of the covariates that a template declares
 * known. Real: every algorithm of the list, and the whole processing over gappy frames.
 */

const LOOK_BACK = 8;
/** Of a transformer, which has to be smaller than the windows here, and small enough to train in a moment. */
const SMALL_PATCHES = { patchLength: 4, stride: 2, width: 8, heads: 2, blocks: 1, feedForward: 16, dropout: 0 };
const HORIZON = 3;

/** A promotion changes both series at its own row, and nothing before tells of it. */
function promotedData(): WindowedData {
  const rows = 260;
  const noise = testNoise(7);
  const promotion = Float64Array.from({ length: rows }, () => (noise() > 0.3 ? 1 : 0));
  const make = (phase: number): Float64Array =>
    Float64Array.from(promotion, (on, t) => Math.sin((2 * Math.PI * (t + phase)) / 12) + 2 * on + 0.1 * noise());
  const series = { alpha: make(0), beta: make(3) };
  const data = windowedData({ series, lookBack: 12, horizon: HORIZON, seasonLength: 12 });
  return {
    ...data,
    inputs: { ...data.inputs, assets: ['alpha', 'beta'] },
    future: { names: ['promotion'], columns: [promotion], assets: ['promotion'] },
  };
}

/** Of algorithms whose defaults are made for more than the 170 train windows here: trees with two splits are nearly additive. */
const SETTINGS: Readonly<Record<string, Record<string, unknown>>> = {
  'tfjs-layers': { topology: denseTopology(HORIZON, 2, 64), epochs: 60, batchSize: 16, learningRate: 0.01 },
  boosting: { maximumLeaves: 3, columnSample: 0.5, rounds: 600 },
  deepar: {
    layers: 1,
    cells: 24,
    dropout: 0,
    epochs: 80,
    patience: 0,
    batchSize: 16,
    learningRate: 0.01,
    learningRateSchedule: 'cosine',
  },
};

/** Of these a step reads what was drawn for the one before it, so a covariate may show in every step after its own, too. */
const DRAWS_STEP_AFTER_STEP: ReadonlySet<string> = new Set(['deepar']);

const changed = (matrix: InputMatrix, from: number, to: number, value: number): InputMatrix => ({
  ...matrix,
  columns: matrix.columns.map((column) => column.map((one, row) => (row >= from && row < to ? value : one))),
});

const original = ({ future }: WindowedData): WindowedData =>
  future === undefined ? { ...promotedData(), future } : promotedData();

const FORECASTING = ALGORITHMS.filter((algorithm) => supportsTask(algorithm, 'forecast')).map((algorithm) =>
  withModelFile(withMembers(algorithm, original), original),
);

describe.each(FORECASTING.map((algorithm) => [algorithm.name, algorithm] as const))('%s', (_name, algorithm) => {
  /** A moment of training is enough to see what is not read; what is read has to be learned, with all else. */
  const learns = algorithm.usesKnownFuture === true ? { epochs: 60, batchSize: 16, learningRate: 0.01 } : { epochs: 2 };
  const fits = 'patchLength' in algorithm.hyperparameters ? SMALL_PATCHES : {};
  const given = SETTINGS[algorithm.name] ?? ('epochs' in algorithm.hyperparameters ? { ...learns, ...fits } : {});
  const parameters = resolveParameters(algorithm.hyperparameters, given, 'algorithm.hyperparameters');
  const data = promotedData();

  it('reads nothing after an origin but the declared covariates, and these up to the horizon', async () => {
    const { model } = await algorithm.fit(data, parameters, trainingContext());
    const forecaster = await algorithm.restore(model);
    for (const at of [0, 9, 20]) {
      const origin = data.origins.test[at]!;
      const one = Int32Array.of(origin);
      const rows = data.times.length;
      const honest = await forecaster.forecast(data.inputs, one, data.future);
      for (const value of [Number.NaN, 1e6, -3]) {
        const blind = changed(data.inputs, origin + 1, rows, value);
        const later = changed(data.future!, origin + HORIZON + 1, rows, value);
        expect(await forecaster.forecast(blind, one, later)).toEqual(honest);
      }
      const promoted = await forecaster.forecast(
        data.inputs,
        one,
        changed(data.future!, origin + 2, origin + 3, 1 - data.future!.columns[0]![origin + 2]!),
      );
      if (algorithm.usesKnownFuture !== true) expect(promoted).toEqual(honest);
      else {
        // The change of the second step's promotion shows in the second step, by its effect of 2.
        const apart = promoted.map((value, cell) => Math.abs(value - honest[cell]!));
        expect(apart.slice(0, 2)).toEqual(Float64Array.of(0, 0));
        if (!DRAWS_STEP_AFTER_STEP.has(algorithm.name)) expect(apart.slice(4)).toEqual(Float64Array.of(0, 0));
        for (const difference of apart.slice(2, 4)) expect(Math.abs(difference - 2)).toBeLessThan(0.2);
      }
    }
    forecaster.dispose();
  });

  it('trains to the same model without covariates when it does not use them, and with skill when it does', async () => {
    const blind = { ...data, future: undefined };
    const [seeing, without] = [data, blind].map((of) => algorithm.fit(of, parameters, trainingContext()));
    const [{ validationLoss }, plain] = [await seeing!, await without!];
    if (algorithm.usesKnownFuture !== true) expect(validationLoss).toBe(plain.validationLoss);
    else expect(validationLoss).toBeLessThan(0.1 * plain.validationLoss!);
  });
});

const ROWS = 150;
const AHEAD = 12;

interface Scene {
  readonly seed: number;
  readonly stepMs: number;
  readonly imputation: ProcessingPlan['gaps']['imputation'];
  readonly join: ProcessingPlan['axis']['join'];
  readonly cut: number;
}

const anyScene: fc.Arbitrary<Scene> = fc.record({
  seed: fc.nat({ max: 10_000 }),
  stepMs: fc.constantFrom(HOUR_MS, DAY_MS),
  imputation: fc.constantFrom('forward-fill' as const, 'trailing-median' as const, 'linear' as const),
  join: fc.constantFrom('union' as const, 'targets' as const, 'intersection' as const),
  cut: fc.integer({ min: 110, max: ROWS - AHEAD }),
});

/** `sales` and `price` with a few missing rows; `promotion` and `holiday` go on for longer, with small gaps of their own. */
function framesOf({ seed, stepMs }: Scene): AssetFrame[] {
  const axis = regularTimes(ROWS, stepMs);
  return ['sales', 'price', 'promotion', 'holiday'].map((asset, at) => {
    const uniform = seededUniform(seed * 4 + at);
    const walk = randomWalk(ROWS, seed * 4 + at, 50);
    const rows = [...axis.keys()].filter((row) => row < 2 || uniform() > (at < 2 ? 0.02 : 0.04));
    return assetFrame(
      asset,
      Float64Array.from(rows, (row) => axis[row]!),
      rows.map((row) => walk[row]!),
    );
  });
}

const KNOWN = ['promotion', 'holiday'];

function planFor({ stepMs, imputation, join }: Scene): ProcessingPlan {
  const at = (row: number) => Date.UTC(2020, 0, 1) + row * stepMs;
  return planOf(['sales', 'price', ...KNOWN], {
    axis: { join, start: null, end: null },
    gaps: { largeShare: 0.08, imputation, neighbours: 5 },
    knownFuture: { assets: KNOWN, calendar: true },
    split: { by: 'date', trainEnd: at(70), validationEnd: at(90), testEnd: null },
    windows: { lookBack: LOOK_BACK, horizon: HORIZON, stride: 1 },
  });
}

/** Rows up to `time`; of known assets those up to `known`. */
function upTo(frames: readonly AssetFrame[], time: number, known: number): AssetFrame[] {
  return frames.map(({ asset, frame }) => {
    const last = KNOWN.includes(asset) ? known : time;
    const rows = frame.times.filter((one) => one <= last).length;
    return assetFrame(asset, frame.times.slice(0, rows), frame.columns[0]!.slice(0, rows));
  });
}

describe('known-future covariates of the processing', () => {
  it('are byte-equal online to the offline ones, and no later row changes them', () => {
    let [compared, refused] = [0, 0];
    fc.assert(
      fc.property(anyScene, (scene) => {
        const plan = planFor(scene);
        const frames = framesOf(scene);
        const time = Date.UTC(2020, 0, 1) + scene.cut * scene.stepMs;
        const { fitted } = fitProcessing(plan, prepareFrames(plan, upTo(frames, time, time)));
        const stored = JSON.parse(JSON.stringify(fitted)) as FittedProcessing;
        const longer = prepareFrames(plan, frames, fitted);
        const offline = futureInputs(fitted, longer.filled)!;
        const known = upTo(frames, time, Infinity);
        let online;
        try {
          online = applyProcessing(stored, known);
        } catch (error) {
          expect(['WINDOW_INVALID', 'FUTURE_MISSING']).toContain((error as { code: string }).code);
          refused++;
          return;
        }
        const end = online.origin + 1 + HORIZON;
        // Where the offline axis has other rows, a missing one among them, there is nothing to compare.
        const sameTimes = [...online.following].every((one, at) => longer.series.times[online.origin + 1 + at] === one);
        if (sameTimes) {
          expect(online.known!.inputs.names).toEqual(offline.names);
          online.known!.inputs.columns.forEach((column, at) => {
            expect(column).toHaveLength(end);
            const from = online.origin + 1 - LOOK_BACK;
            if (scene.imputation === 'linear' && longer.settledAt!.subarray(from, end).some((row) => row >= end))
              return;
            expect(differingRows(column.subarray(from), offline.columns[at]!.subarray(from, end))).toEqual([]);
          });
          compared++;
        }
        // Neither rows beyond the horizon nor anything else after the origin is read.
        const last = online.following[HORIZON - 1]!;
        const spoilt = frames.map(({ asset, frame }) => {
          const limit = KNOWN.includes(asset) ? last : time;
          const rows = KNOWN.includes(asset) ? frame.times.length : frame.times.filter((one) => one <= time).length;
          const values = frame.columns[0]!.map((value, row) => (frame.times[row]! > limit ? 1e9 : value));
          return assetFrame(asset, frame.times.slice(0, rows), values.slice(0, rows));
        });
        const again = applyProcessing(stored, spoilt);
        expect(again.known!.inputs).toEqual(online.known!.inputs);
        expect(again.inputs).toEqual(online.inputs);
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(2 * refused);
    expect(compared).toBeGreaterThan(30);
  });

  const scene: Scene = { seed: 3, stepMs: DAY_MS, imputation: 'forward-fill', join: 'union', cut: 130 };
  const time = Date.UTC(2020, 0, 1) + scene.cut * DAY_MS;

  it('never lengthen the axis, and are complete ahead of every origin', () => {
    const plan = planFor(scene);
    const frames = upTo(framesOf(scene), time, Infinity);
    const { data, fitted } = fitProcessing(plan, prepareFrames(plan, frames));
    const observed = frames.slice(0, 2).map(({ frame }) => frame.times[frame.times.length - 1]!);
    expect(data.times[data.times.length - 1]).toBe(Math.max(...observed));
    expect(fitted.future!.map(({ name }) => name)).toEqual([
      'promotion',
      'holiday',
      'weekday_sin',
      'weekday_cos',
      'day_of_month_sin',
      'day_of_month_cos',
      'month_sin',
      'month_cos',
    ]);
    for (const origin of [...data.origins.train, ...data.origins.validation, ...data.origins.test]) {
      for (const column of data.future!.columns) {
        expect(column.subarray(origin, origin + HORIZON + 1).some(Number.isNaN)).toBe(false);
      }
    }
    // A covariate is scaled as the input that it is, too.
    expect(data.future!.columns[0]).toEqual(data.inputs.columns[2]);
  });

  it('count rows without a value of the other assets as rows of the future', () => {
    const plan = planFor(scene);
    const frames = framesOf(scene);
    const emptied = frames.map(({ asset, frame }) =>
      KNOWN.includes(asset)
        ? assetFrame(asset, frame.times, frame.columns[0]!)
        : assetFrame(
            asset,
            frame.times,
            frame.columns[0]!.map((value, row) => (frame.times[row]! > time ? NaN : value)),
          ),
    );
    const cut = upTo(frames, time, Infinity);
    const { fitted } = fitProcessing(plan, prepareFrames(plan, cut));
    expect(prepareFrames(plan, emptied)).toEqual(prepareFrames(plan, cut));
    expect(applyProcessing(fitted, emptied)).toEqual(applyProcessing(fitted, cut));
  });

  it('are asked for by name and time when they are missing', () => {
    const plan = planFor({ ...scene, join: 'targets' });
    const whole = regularTimes(ROWS, DAY_MS);
    const frames = ['sales', 'price', ...KNOWN].map((asset, at) => assetFrame(asset, whole, randomWalk(ROWS, at, 9)));
    const { fitted } = fitProcessing({ ...plan, gaps: { ...plan.gaps, largeShare: 0 } }, prepareFrames(plan, frames));
    const failure = failureOf(() => applyProcessing(fitted, upTo(frames, time, time + DAY_MS)));
    expect(failure.code).toBe('FUTURE_MISSING');
    expect(failure.message).toBe(
      'The model knows promotion, holiday in advance, and the forecast rows lack promotion at 2020-05-12T00:00:00.000Z, 2020-05-13T00:00:00.000Z; holiday at 2020-05-12T00:00:00.000Z, 2020-05-13T00:00:00.000Z: append these rows to the dataset, or give them in "future" of the request',
    );
    expect(failure.details).toEqual({
      missing: KNOWN.map((column) => ({ column, times: ['2020-05-12T00:00:00.000Z', '2020-05-13T00:00:00.000Z'] })),
    });
  });
});
