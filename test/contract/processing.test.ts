import fc from 'fast-check';
import type { AssetFrame } from '#src/ml/frame/time-frame.js';
import type { AutoencoderPlan } from '#src/ml/autoencoder/autoencoder-plan.js';
import { applyProcessing } from '#src/ml/processing/apply-processing.js';
import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { PreparedFrames } from '#src/ml/processing/prepared-frames.js';
import { scaledInputs } from '#src/ml/processing/scaled-inputs.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { failureOf } from '../support/failure-of.js';
import type { ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { resolveChain } from '#src/ml/transforms/resolve-chain.js';
import { assetFrame, planOf } from '../support/plans.js';
import { DAY_MS, HOUR_MS, differingRows, randomWalk, regularTimes, seededUniform } from '../support/series.js';

/**
 * Real: the whole processing with every feature step, over three assets with different timestamps, small and large
 * gaps and missing rows.
 */

const ROWS = 160;
const ASSETS = ['a', 'b', 'c'];

/** Rows that drop out at random, runs of missing rows and missing values. */
function gappyFrames(seed: number, axis: Float64Array): AssetFrame[] {
  const uniform = seededUniform(seed);
  return ASSETS.map((asset, at) => {
    const walk = randomWalk(axis.length, seed * 10 + at, 100);
    const runStart = Math.floor(uniform() * axis.length);
    const runRows = Math.floor(uniform() * 25);
    const kept = axis.map((time, row) =>
      uniform() < 0.06 || (row > runStart && row < runStart + runRows) ? NaN : time,
    );
    const rows = [...kept.keys()].filter((row) => !Number.isNaN(kept[row]!));
    return assetFrame(
      asset,
      Float64Array.from(rows, (row) => axis[row]!),
      rows.map((row) => (uniform() < 0.03 ? NaN : walk[row]!)),
    );
  });
}

function irregularTimes(rows: number): Float64Array {
  const uniform = seededUniform(77);
  let time = Date.UTC(2021, 0, 1);
  return Float64Array.from({ length: rows }, () => {
    const drawn = uniform();
    time += Math.round((drawn < 0.1 ? 0.02 : drawn > 0.9 ? 4 * uniform() : 0.8 + 0.4 * uniform()) * HOUR_MS);
    return time;
  });
}

const axes = {
  hourly: regularTimes(ROWS, HOUR_MS),
  /** Bursts, holes and jitter: put on a grid of its own. */
  irregular: irregularTimes(2 * ROWS),
  'trading-day': regularTimes(Math.ceil((ROWS * 7) / 5), DAY_MS).filter((time) => new Date(time).getUTCDay() % 6 !== 0),
};

function planFor(
  join: ProcessingPlan['axis']['join'],
  imputation: ProcessingPlan['gaps']['imputation'],
): ProcessingPlan {
  return planOf(ASSETS, {
    targets: ['b', 'a'],
    axis: { join, start: null, end: null, step: 'auto' },
    gaps: { largeShare: 0.05, imputation, neighbours: 5 },
    features: [
      { step: 'lags', parameters: { lags: [1, 4] }, assets: ['a', 'c'] },
      { step: 'calendar', parameters: {}, assets: [] },
      { step: 'sma', parameters: { window: 3 }, assets: ASSETS },
      { step: 'ema', parameters: { window: 4 }, assets: ASSETS },
      { step: 'rsi', parameters: { window: 3 }, assets: ['b'] },
      { step: 'bollinger', parameters: { window: 4, deviations: 2 }, assets: ['a'] },
    ],
  });
}

const fit = (plan: ProcessingPlan, frames: readonly AssetFrame[]) => fitProcessing(plan, prepareFrames(plan, frames));

/** Every value after `time` replaced; with `erase`, by NaN. The rows stay. */
function changedAfter(frames: readonly AssetFrame[], time: number, seed: number, erase: boolean): AssetFrame[] {
  const uniform = seededUniform(seed);
  return frames.map(({ asset, frame }) =>
    assetFrame(
      asset,
      frame.times,
      frame.columns[0]!.map((value, row) =>
        frame.times[row]! <= time ? value : erase ? NaN : 1e4 * (uniform() - 0.5),
      ),
    ),
  );
}

function cutAfter(frames: readonly AssetFrame[], time: number): AssetFrame[] {
  return frames.map(({ asset, frame }) => {
    const rows = frame.times.filter((one) => one <= time).length;
    return assetFrame(asset, frame.times.slice(0, rows), frame.columns[0]!.slice(0, rows));
  });
}

/** Scalings that the cases take in turn: what is fitted and inverted must not look ahead either. */
const SCALINGS: readonly ProcessingPlan['scaling'][] = [
  { inputs: 'standard', targets: 'standard' },
  {
    inputs: resolveChain(['log', 'difference', 'standard'], 'scaling.inputs'),
    targets: resolveChain(['log', 'difference', 'standard'], 'scaling.targets'),
  },
  {
    inputs: resolveChain(['detrend', 'robust'], 'scaling.inputs'),
    targets: resolveChain([{ transform: 'seasonal-difference', parameters: { lag: 2 } }], 'scaling.targets'),
  },
];

const AUTOENCODER: AutoencoderPlan = {
  units: 3,
  hidden: [5],
  activation: 'tanh',
  series: true,
  replaces: true,
  optimizer: 'adam',
  loss: 'mse',
  epochs: 8,
  batchSize: 16,
  shuffle: true,
  learningRate: 0.01,
  patience: 3,
  minimumChange: 0,
  seed: 3,
};

type Encoding = Pick<ProcessingPlan, 'autoencoder'> & { readonly codes: string };
const PLAIN: Encoding = { codes: '' };
const ENCODED: readonly Encoding[] = [
  { codes: ', codes that replace the features', autoencoder: AUTOENCODER },
  {
    codes: ', codes beside the features',
    autoencoder: { ...AUTOENCODER, replaces: false, series: false, activation: 'leaky-relu' },
  },
];

const cases = (['hourly', 'irregular', 'trading-day'] as const).flatMap((axis) =>
  (['union', 'targets', 'intersection'] as const).flatMap((join, at) =>
    [PLAIN, ...(join === 'union' ? ENCODED : [])].map((encoding) => ({
      axis,
      join,
      // Each causal method over some axis and join; they have a contract suite of their own.
      imputation: (['forward-fill', 'kalman', 'seasonal', 'auto', 'trailing-median', 'trend'] as const)[
        (axis === 'irregular' ? 3 : 0) + at
      ]!,
      ...encoding,
    })),
  ),
);

describe.each(cases.map((one, at) => ({ ...one, scaling: SCALINGS[at % SCALINGS.length]! })))(
  '$axis data, $join, $imputation, $scaling.inputs$codes',
  ({ axis, join, imputation, scaling, autoencoder }) => {
    const base: ProcessingPlan = { ...planFor(join, imputation), scaling, ...(autoencoder && { autoencoder }) };
    const frames = gappyFrames(axis.length + join.length, axes[axis]);
    const dates = prepareFrames(base, frames).series.times;
    // Dates instead of shares, so that the split does not move when rows after it are cut off.
    const plan: ProcessingPlan = {
      ...base,
      split: {
        by: 'date',
        trainEnd: dates[Math.floor(dates.length * 0.6)]!,
        validationEnd: dates[Math.floor(dates.length * 0.8)]!,
        testEnd: null,
      },
    };
    const prepared = prepareFrames(plan, frames);
    const { fitted, data, parts } = fitProcessing(plan, prepared);
    const n = data.times.length;
    const laterRow = fc.integer({ min: parts.train.end, max: n - 2 });

    it('has gaps of both kinds and windows in every part', () => {
      const missing = data.targets.observed[0]!.filter((value) => value === 0).length;
      if (join !== 'intersection') expect(missing).toBeGreaterThan(5);
      for (const origins of Object.values(data.origins)) expect(origins.length).toBeGreaterThan(3);
    });

    /** Names of the columns that differ in a row up to t, and what else does. */
    function differencesUpTo(t: number, left: PreparedFrames, right: PreparedFrames): string[] {
      const parts = (['series', 'filled', 'features'] as const).flatMap((part) =>
        left[part].columns.flatMap((column, at) =>
          differsUpTo(t, column, right[part].columns[at]!) ? [`${part} ${left[part].names[at]!}`] : [],
        ),
      );
      return differsUpTo(n - 1, left.series.times, right.series.times) ? ['times', ...parts] : parts;
    }

    it('changes nothing that is prepared at or before t when values after t change, also to NaN', () => {
      fc.assert(
        fc.property(laterRow, fc.integer(), fc.boolean(), (t, seed, erase) => {
          const changed = prepareFrames(plan, changedAfter(frames, data.times[t]!, seed, erase));
          expect(differencesUpTo(t, changed, prepared)).toEqual([]);
        }),
        { numRuns: 12 },
      );
    });

    it('changes no fitted state, and no input, target, observation or window at or before t', () => {
      fc.assert(
        fc.property(laterRow, fc.integer(), (t, seed) => {
          const again = fit(plan, changedAfter(frames, data.times[t]!, seed, false));
          expect(again.fitted).toEqual(fitted);
          const pairs = [
            ...data.inputs.columns.map((column, at) => [column, again.data.inputs.columns[at]!] as const),
            ...data.targets.columns.map((column, at) => [column, again.data.targets.columns[at]!] as const),
            ...data.targets.observed.map((column, at) => [column, again.data.targets.observed[at]!] as const),
          ];
          expect(pairs.filter(([left, right]) => differsUpTo(t, left, right))).toHaveLength(0);
          const upTo = (origins: Int32Array) => [...origins].filter((origin) => origin + plan.windows.horizon <= t);
          expect(upTo(again.data.origins.validation)).toEqual(upTo(data.origins.validation));
          expect(upTo(again.data.origins.test)).toEqual(upTo(data.origins.test));
        }),
        { numRuns: 12 },
      );
    });

    it('is byte-equal online: the frames up to t give the inputs that training had up to t', () => {
      // Online the axis ends with the last row that data reaches, which may lie before t, where the window may have a gap.
      const given = frames.flatMap(({ frame }) => [...frame.times]);
      const { lookBack } = plan.windows;
      const complete = [...data.origins.validation, ...data.origins.test].filter((t) => {
        const newest = Math.max(...given.filter((time) => time <= data.times[t]!));
        const last = data.times.findLastIndex((time) => time <= newest);
        return data.inputs.columns.every(
          (column) => !column.subarray(last - lookBack + 1, last + 1).some(Number.isNaN),
        );
      });
      expect(complete.length).toBeGreaterThan(3);
      fc.assert(
        fc.property(fc.constantFrom(...complete), (t) => {
          const online = applyProcessing(fitted, cutAfter(frames, data.times[t]!));
          // The axis ends with the last row that an asset has; rows added in between have none.
          expect(online.times).toEqual(data.times.subarray(0, online.origin + 1));
          expect(online.origin).toBeLessThanOrEqual(t);
          const different = online.inputs.names.filter((_, at) =>
            differsUpTo(online.origin, online.inputs.columns[at]!, data.inputs.columns[at]!),
          );
          expect(different).toEqual([]);
        }),
        { numRuns: 12 },
      );
    });

    it('gives the same bytes a second time and from JSON', () => {
      const again = fit(JSON.parse(JSON.stringify(plan)) as ProcessingPlan, frames);
      expect(again.fitted).toEqual(fitted);
      expect(JSON.parse(JSON.stringify(again.fitted))).toEqual(fitted);
      again.data.inputs.columns.forEach((column, at) => {
        expect(differingRows(column, data.inputs.columns[at]!)).toEqual([]);
      });
    });

    it('has no NaN in any window', () => {
      const { lookBack, horizon } = plan.windows;
      const broken = Object.values(data.origins)
        .flatMap((origins) => [...origins])
        .filter(
          (origin) =>
            data.inputs.columns.some((column) =>
              column.subarray(origin - lookBack + 1, origin + 1).some(Number.isNaN),
            ) ||
            data.targets.columns.some((column) => column.subarray(origin + 1, origin + 1 + horizon).some(Number.isNaN)),
        );
      expect(broken).toEqual([]);
    });
  },
);

/** True when the bits of a row up to t differ, or one column ends before t. */
function differsUpTo(t: number, left: ArrayLike<number>, right: ArrayLike<number>): boolean {
  if (left.length <= t || right.length <= t) return true;
  for (let row = 0; row <= t; row++) if (!Object.is(left[row], right[row])) return true;
  return false;
}

/** What every origin's window holds: the rows from t − look-back + 1 to t of every input. */
function windowsDiffer(data: WindowedData, again: WindowedData, t: number): string[] {
  return data.inputs.columns.flatMap((column, at) => {
    const [from, to] = [t - data.lookBack + 1, t + 1];
    const different = differingRows(column.subarray(from, to), again.inputs.columns[at]!.subarray(from, to));
    return different.length > 0 ? [data.inputs.names[at]!] : [];
  });
}

const lookingAhead = (['linear', 'median', 'spline', 'kalman-smoother'] as const).flatMap((imputation) =>
  [PLAIN, ...(imputation === 'linear' ? ENCODED : [])].map((encoding) => ({ imputation, ...encoding })),
);

describe.each(lookingAhead)('$imputation, which looks across gaps$codes', ({ imputation, autoencoder }) => {
  const base: ProcessingPlan = { ...planFor('union', imputation), ...(autoencoder && { autoencoder }) };
  const frames = gappyFrames(31, regularTimes(3 * ROWS, HOUR_MS));
  const dates = prepareFrames(base, frames).series.times;
  const plan: ProcessingPlan = {
    ...base,
    gaps: { ...base.gaps, neighbours: 2 },
    split: { by: 'date', trainEnd: dates[250]!, validationEnd: dates[350]!, testEnd: null },
  };
  const { data, fitted, parts } = fit(plan, frames);
  const causal = fit({ ...plan, gaps: { ...plan.gaps, imputation: 'forward-fill' } }, frames);
  const origins = [...data.origins.train, ...data.origins.validation, ...data.origins.test];

  it('leaves out windows that end inside gaps, and keeps others', () => {
    expect(origins.length).toBeGreaterThan(40);
    const all = Object.values(causal.data.origins).reduce((sum, { length }) => sum + length, 0);
    expect(origins.length).toBeLessThan(all);
  });

  it('holds in every window what was known at its origin, when values after it change, also to NaN', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.constantFrom(...origins), fc.integer(), fc.boolean(), (t, seed, erase) => {
        // States are fitted on the train part: for origins inside it they are held fixed.
        const changed = prepareFrames(plan, changedAfter(frames, data.times[t]!, seed, erase), fitted);
        const again = scaledInputs(fitted, changed);
        expect(windowsDiffer(data, { ...data, inputs: again }, t)).toEqual([]);
        compared++;
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThanOrEqual(60);
  });

  it('is byte-equal online at every origin, and refuses to forecast from inside a gap', () => {
    const later = [...data.origins.validation, ...data.origins.test];
    for (const t of later) {
      const online = applyProcessing(fitted, cutAfter(frames, data.times[t]!));
      expect(online.origin).toBe(t);
      expect(windowsDiffer(data, { ...data, inputs: online.inputs }, t)).toEqual([]);
    }
    const inside = causal.data.origins.test.find(
      (t) => !data.origins.test.includes(t) && t + plan.windows.horizon < data.times.length,
    )!;
    const refused = failureOf(() => applyProcessing(fitted, cutAfter(frames, data.times[inside]!)));
    expect(refused.code).toBe('WINDOW_INVALID');
    expect(refused.message).toContain(
      'train with a causal method (forward-fill, trailing-median, seasonal, trend, kalman or auto)',
    );
  });

  it('brings nothing of the validation part into the train part', () => {
    const again = fit(plan, changedAfter(frames, data.times[parts.train.end - 1]!, 5, false));
    expect(again.fitted.inputs).toEqual(fitted.inputs);
    expect(again.fitted.autoencoder).toEqual(fitted.autoencoder);
    for (const t of data.origins.train) {
      for (const [at, column] of data.targets.columns.entries()) {
        const rows = [t + 1, t + 1 + plan.windows.horizon] as const;
        expect(differingRows(column.subarray(...rows), again.data.targets.columns[at]!.subarray(...rows))).toEqual([]);
      }
      expect(windowsDiffer(data, again.data, t)).toEqual([]);
    }
  });
});

it('says what to do when a method that looks across gaps leaves no window', () => {
  const frames = gappyFrames(31, regularTimes(3 * ROWS, HOUR_MS));
  const plan = planFor('union', 'median');
  const failure = failureOf(() => fit({ ...plan, gaps: { ...plan.gaps, neighbours: 90 } }, frames));
  expect(failure.code).toBe('WINDOWS_NONE');
  expect(failure.message).toMatch(
    /^All \d+ complete windows of the train part end in or near a gap that gaps.imputation=median fills with what comes later: choose a causal method \(forward-fill, .* or auto\), or lower gaps.neighbours, which is 90$/,
  );
});
