import type { BacktestPlan } from '#src/ml/evaluation/backtest/backtest-cutoffs.js';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { backtestModel } from '#src/ml/evaluation/backtest/backtest-model.js';
import { evaluate } from '#src/ml/evaluation/evaluate.js';
import type { AssetFrame } from '#src/ml/frame/time-frame.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { runBacktest } from '#src/training/backtest-run.js';
import { encodeWindow, joinWindows, readWindows } from '#src/training/finished-windows.js';
import type { AskedAutoencoder } from '#src/training/planned-columns.js';
import { getStrategy } from '#src/training/ml-strategy.js';
import { backtestOf, runHere } from '../../support/backtest-example.js';
import {
  artifactOf,
  digestsOf,
  exampleFrames,
  exampleJob,
  examplePlan,
  logsOf,
  progressOf,
} from '../../support/training-example.js';
import { trainingContext } from '../../support/synthetic-windows.js';
import { forecastReport } from '../../support/forecast-report.js';

const ONCE: BacktestPlan = { windows: 4, step: 10, refit: false, trainRows: null };
const REFIT: BacktestPlan = { windows: 2, step: 40, refit: true, trainRows: null };
const HOUR_MS = 3_600_000;
const FIRST = Date.UTC(2020, 0, 1);
const timeOf = (row: number): number => FIRST + row * HOUR_MS;
const iso = (row: number): string => new Date(timeOf(row)).toISOString();

const AUTOENCODER: AskedAutoencoder = {
  units: 2,
  hidden: [4],
  activation: 'tanh',
  series: false,
  replaces: false,
  optimizer: 'adam',
  loss: 'mse',
  epochs: 3,
  batchSize: 64,
  shuffle: true,
  learningRate: 0.01,
  patience: 2,
  minimumChange: 0,
  seed: 3,
};

/** Everything that is fitted: features, selection of columns and an imputation that is chosen. */
const RICH = (): ProcessingPlan =>
  examplePlan((builder) =>
    builder
      .gaps({ imputation: 'auto' })
      .feature('sma', { window: 5 })
      .feature('ema', { window: 9 })
      .feature('lags', { lags: [1, 24] }),
  );

describe('a backtest without refit', () => {
  it('is the ordinary evaluation of these origins, bit for bit', async () => {
    const plan = RICH();
    const prepared = prepareFrames(plan, exampleFrames());
    const { data, fitted, parts } = fitProcessing(plan, prepared);
    const ridge = getAlgorithm('ridge');
    const { model } = await ridge.fit(data, resolveParameters(ridge.hyperparameters, {}, ''), trainingContext());
    const forecaster = await ridge.restore(model);
    const rows = { complete: data, settledAt: prepared.settledAt, parts };
    const { report, forecasts } = await backtestModel(ONCE, { data, fitted, forecaster }, rows);

    // The test part is rows 510–599: row 593 is the last that 6 rows follow.
    expect(report.windows.map(({ cutoff }) => cutoff)).toEqual([563, 573, 583, 593].map(iso));
    expect(report).toMatchObject({ refit: false, step: 10, rollingRows: null, skipped: [] });
    expect(report.windows[0]).toMatchObject({ from: iso(564), to: iso(569), trainRows: 420, validationRows: 90 });
    const restricted = async (cutoffs: readonly number[]) => {
      const test = data.origins.test.filter((origin) => cutoffs.includes(origin));
      const stepped = { ...fitted, plan: { ...plan, windows: { ...plan.windows, evaluationStride: 10 } } };
      return (await evaluate({ ...data, origins: { ...data.origins, test } }, stepped, forecaster, 'test'))!;
    };
    const { windows, ...scores } = await restricted([563, 573, 583, 593]);
    const { spread, ...overall } = report.overall!;
    expect(windows).toBe(4);
    expect({ ...overall, part: 'test', from: iso(564), to: iso(599) }).toEqual(scores);
    // Four windows that do not overlap: enough for a test.
    expect(overall.significance.naive?.count).toBe(4);
    for (const [at, cutoff] of [563, 573, 583, 593].entries()) {
      const { model: ofModel, naive, seasonalNaive, skill } = await restricted([cutoff]);
      expect(report.windows[at]).toMatchObject({ model: ofModel, naive, seasonalNaive, skill });
    }
    expect(spread.mae.mean).toBeCloseTo(overall.model.original.mae, 12);
    expect([...forecasts.cutoffs]).toEqual([563, 573, 583, 593]);
    expect(forecasts.values.map(({ length }) => length)).toEqual([24, 24]);
  });

  it('gives no p-value for windows that are too few to tell', async () => {
    const overlapping = { windows: 3, step: 1, refit: false, trainRows: null };
    const { overall } = backtestOf((await runHere({ algorithm: 'ridge' }, overlapping)).result);
    // Errors of windows one row apart are correlated over 6 windows; one step ahead they are not.
    expect(overall!.significance).toEqual({ naive: null, seasonalNaive: null });
    expect(overall!.perStep[0]!.significance.naive?.count).toBe(3);
    expect(overall!.perStep[3]!.significance.naive).toBeNull();
    const { overall: single } = backtestOf((await runHere({ algorithm: 'ridge' }, { ...ONCE, windows: 1 })).result);
    expect(single!.spread.mae).toEqual({ count: 1, mean: single!.model.original.mae, standardDeviation: null });
  });
});

describe('a backtest with refit', () => {
  const cases: readonly (readonly [string, ParameterValues, (() => ProcessingPlan) | null])[] = [
    ['ridge', {}, RICH],
    ['ets', {}, null],
    ['boosting', { rounds: 20 }, RICH],
    ['mlp', { units: [8], epochs: 4 }, null],
  ];

  it.each(cases)(
    'gives for %s what ordinary trainings with data up to each window give, bit for bit',
    async (algorithm, hyperparameters, planned) => {
      const plan = planned?.() ?? examplePlan();
      const selection = planned === null ? null : { tolerance: 0 };
      const example = { algorithm, hyperparameters, plan, adjust: { selection } };
      const { windows, overall } = backtestOf((await runHere(example, REFIT)).result);
      expect(windows.map(({ cutoff }) => cutoff)).toEqual([553, 593].map(iso));
      for (const window of windows) {
        const cutoff = (Date.parse(window.cutoff) - FIRST) / HOUR_MS;
        // 0.15 of 0.85 of the rows up to the cut-off.
        const validationRows = Math.floor(((cutoff + 1) * 90) / 510);
        const ordinary = await runHere({
          ...example,
          plan: {
            ...plan,
            axis: { ...plan.axis, end: timeOf(cutoff + 6) },
            split: {
              by: 'date',
              trainEnd: timeOf(cutoff + 1 - validationRows),
              validationEnd: timeOf(cutoff + 1),
              testEnd: null,
            },
          },
        });
        const { test } = forecastReport(ordinary.result.report);
        expect(window).toEqual({
          cutoff: iso(cutoff),
          from: iso(cutoff + 1),
          to: iso(cutoff + 6),
          trainRows: cutoff + 1 - validationRows,
          validationRows,
          model: test!.model,
          naive: test!.naive,
          seasonalNaive: test!.seasonalNaive,
          skill: test!.skill,
          modelSha256: ordinary.result.modelSha256,
        });
      }
      const { mae } = overall!.spread;
      const errors = windows.map(({ model }) => model.original.mae);
      const mean = (errors[0]! + errors[1]!) / 2;
      expect(mae.mean).toBeCloseTo(mean, 12);
      expect(mae.standardDeviation).toBeCloseTo(Math.hypot(...errors.map((error) => error - mean)), 12);
      expect(overall!.model.original.mae).toBeCloseTo(mean, 12);
    },
    120_000,
  );
});

const directionPlan = (): ProcessingPlan =>
  examplePlan((builder) => builder.task('direction').directionThreshold(0.25));

/** One asset stands still in the rows that one of the windows is trained on. */
const withFlatEnd = (): AssetFrame[] =>
  exampleFrames().map((asset) => {
    if (asset.asset !== 'north') return asset;
    const { frame } = asset;
    return {
      ...asset,
      frame: { ...frame, columns: [frame.columns[0]!.map((v, row) => (row < 460 ? v : row < 565 ? 7 : v))] },
    };
  });

describe('a window of a backtest with refit', () => {
  /** Shas and forecasts of every window, of a training that has everything that is fitted. */
  async function refits(frames: readonly AssetFrame[], backtest: BacktestPlan) {
    const plan = examplePlan((builder) =>
      builder
        .gaps({ imputation: 'auto' })
        .feature('sma', { window: 5 })
        .feature('arima', { order: [1, 0, 0], minimumRows: 40, refitEvery: 40 })
        .feature('fourier', { window: 48, harmonics: [2] })
        .feature('lags', { lags: [1, 24] })
        .autoencoder(AUTOENCODER),
    );
    const prepared = prepareFrames(plan, frames);
    const { data, fitted, parts } = fitProcessing(plan, prepared);
    const strategy = getStrategy('ridge');
    const hyperparameters = resolveParameters(strategy.algorithm.hyperparameters, {}, '');
    const { model } = await strategy.algorithm.fit(data, hyperparameters, trainingContext());
    const forecaster = await strategy.algorithm.restore(model);
    const job = exampleJob({ algorithm: 'ridge', plan, frames, adjust: { selection: { tolerance: 0 } } });
    const finished = await runBacktest(
      { job, backtest: { ...backtest, frames }, strategy, hyperparameters },
      { data, fitted, forecaster },
      { complete: data, settledAt: prepared.settledAt, parts },
      0,
      {
        isCancelled: () => false,
        breathe: async () => {},
        budgetLeftMs: () => null,
        onProgress: () => {},
        say: () => {},
        onWindow: () => {},
      },
    );
    if (finished.task !== 'forecast') throw new Error('the task is forecast');
    const { report, forecasts } = finished;
    return { report, forecasts, times: data.times };
  }

  it('reads nothing after its cut-off', async () => {
    const frames = exampleFrames(300);
    const backtest = { windows: 2, step: 20, refit: true, trainRows: null };
    const { report, forecasts } = await refits(frames, backtest);
    expect([...forecasts.cutoffs]).toEqual([273, 293]);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1 }),
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.constantFrom('shift', 'replace'),
        async (window, by, how) => {
          const after = timeOf(forecasts.cutoffs[window]!);
          const changed = frames.map(({ frame, ...asset }) => ({
            ...asset,
            frame: {
              ...frame,
              columns: frame.columns.map((column) =>
                column.map((value, row) =>
                  frame.times[row]! <= after ? value : how === 'shift' ? value + by : by * Math.sin(row),
                ),
              ),
            },
          }));
          const other = await refits(changed, backtest);
          for (let at = 0; at <= window; at++) {
            expect(other.report.windows[at]!.modelSha256).toBe(report.windows[at]!.modelSha256);
            forecasts.values.forEach((values, target) =>
              expect(other.forecasts.values[target]!.subarray(at * 6, (at + 1) * 6)).toEqual(
                values.subarray(at * 6, (at + 1) * 6),
              ),
            );
          }
        },
      ),
      { numRuns: 4 },
    );
  }, 240_000);

  it('is left out with its reason when its rows cannot be trained on, and the others are scored', async () => {
    const frames = withFlatEnd();
    const { result, news } = await runHere(
      { algorithm: 'ridge', frames },
      { windows: 2, step: 40, refit: true, trainRows: 90 },
    );
    const { windows, skipped, overall, rollingRows } = backtestOf(result);
    expect(rollingRows).toBe(90);
    expect(skipped).toMatchObject([{ cutoff: iso(553), code: 'SERIES_CONSTANT' }]);
    expect(windows.map(({ cutoff, trainRows, validationRows }) => [cutoff, trainRows, validationRows])).toEqual([
      [iso(593), 75, 15],
    ]);
    expect(overall!.significance).toEqual({ naive: null, seasonalNaive: null });
    expect(overall!.hasSkill).toBe(false);
    expect(logsOf(news, 'warn').join('\n')).toContain(
      `Backtest window 1 of 2, cut-off ${iso(553)}: left out, Target north is 7 in all 75 observed rows of the train part`,
    );
    const card = Buffer.from(artifactOf(result, 'model-card.md').content).toString();
    expect(card).toContain('cut-offs 40 rows apart, 1 scored, 1 not');
    expect(card).toContain(`| ${iso(553)} | not scored: SERIES_CONSTANT | | | |`);
  }, 60_000);
});

describe('a backtest while it runs', () => {
  it('says how far it is, what it will cost, and that no window was kept after an interruption', async () => {
    let now = 0;
    const { news } = await runHere({ algorithm: 'ridge', adjust: { elapsedMsBefore: 1_000 } }, REFIT, {
      now: () => (now += 1),
    });
    const said = logsOf(news);
    expect(said).toContain('The execution was interrupted: the backtest begins with its first window, none was kept');
    expect(said.find((line) => line.includes('2 refits'))).toMatch(
      /^Backtest: 2 refits, one after the other, about \d+ ms \(the main fit took \d+ ms\)$/,
    );
    expect(said.filter((line) => line.startsWith('Backtest window '))).toHaveLength(2);
    const progress = progressOf(news);
    expect([...new Set(progress.map(({ step }) => step))]).toEqual([
      'windows',
      'training',
      'evaluating',
      'backtest',
      'drawing',
      'exporting',
    ]);
    const percents = progress.map(({ percent }) => percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  }, 60_000);

  it.each([
    ['ridge, with a window that cannot be trained on', { algorithm: 'ridge', frames: withFlatEnd() }, 90],
    ['ets, intervals of its own', { algorithm: 'ets', adjust: { coverages: [0.5, 0.9] } }, null],
    ['ridge, conformal intervals', { algorithm: 'ridge', adjust: { coverages: [0.8] } }, null],
    ['logistic, directions', { algorithm: 'logistic', plan: directionPlan() }, null],
    ['ridge, directions', { algorithm: 'ridge', plan: directionPlan() }, null],
  ] as const)(
    'goes on after any number of finished windows, to the same bytes: %s',
    async (_name, example, trainRows) => {
      const backtest = { windows: 3, step: 20, refit: true, trainRows };
      const whole = await runHere(example, backtest);
      const windows = whole.news.flatMap((said) => (said.type === 'backtest-window' ? [said.finished] : []));
      expect(windows).toHaveLength(3);
      for (let kept = 1; kept <= windows.length; kept++) {
        const stored = readWindows(joinWindows(windows.slice(0, kept).map(encodeWindow)));
        const adjust = { ...('adjust' in example && example.adjust), elapsedMsBefore: 1_000 };
        const resumed = await runHere({ ...example, adjust }, { ...backtest, finished: stored.windows });
        expect(digestsOf(resumed.result)).toEqual(digestsOf(whole.result));
        const again = resumed.news.flatMap((said) => (said.type === 'backtest-window' ? [said.finished.cutoff] : []));
        expect(again).toEqual(windows.slice(kept).map(({ cutoff }) => cutoff));
        expect(logsOf(resumed.news)).toContain(
          `The execution was interrupted: ${kept} of 3 windows of the backtest were finished and are kept`,
        );
      }
    },
    120_000,
  );

  it('refuses bytes that are no finished windows', () => {
    expect(() => readWindows(joinWindows([]).subarray(0, 4))).toThrow(
      expect.objectContaining({ code: 'ARTIFACT_CORRUPT' }) as Error,
    );
    expect(() => readWindows(serialize({ format: 2, windows: [] }))).toThrow(
      'not the finished windows of a backtest: their format is 2; this version reads format 1.',
    );
    expect(readWindows(joinWindows([]))).toEqual({ windows: [], encoded: [] });
  });

  it('ends within a window when it is cancelled', async () => {
    let isCancelled = false;
    const said: string[] = [];
    const cancelled = runHere({ algorithm: 'boosting', hyperparameters: { rounds: 200 } }, REFIT, {
      isCancelled: () => isCancelled,
      send: (news) => {
        if (news.type === 'log') said.push(news.message);
        isCancelled ||= news.type === 'log' && news.message.startsWith('Backtest window 1 of 2');
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(said.at(-1)).toContain('Backtest window 1 of 2');
  }, 60_000);

  it('keeps what it has when the budget is used up, and the execution is stopped', async () => {
    let now = 0;
    const { result } = await runHere({ algorithm: 'ridge', adjust: { maxRuntimeMs: 60_000 } }, REFIT, {
      now: () => now,
      send: (said) => {
        if (said.type === 'log' && said.message.startsWith('Backtest window 1 of 2')) now = 60_000;
      },
    });
    const { windows, skipped, overall } = backtestOf(result);
    expect(result.stopReason).toBe('budget');
    expect(windows).toHaveLength(1);
    expect(skipped).toEqual([
      {
        cutoff: iso(593),
        code: 'BUDGET',
        message: 'the runtime budget was used up before its model was fitted: raise training.maxRuntimeSeconds',
      },
    ]);
    expect(overall!.spread.mae.count).toBe(1);
  }, 60_000);

  it('ends with the same bytes when the execution is resumed from any checkpoint', async () => {
    const example = { algorithm: 'mlp', hyperparameters: { units: [4], epochs: 3, dropout: 0.1 } };
    const whole = await runHere(example, REFIT);
    const checkpoints = whole.news.filter((said) => said.type === 'checkpoint');
    const epochs = whole.news.flatMap((said) => (said.type === 'epoch' ? [said.record] : []));
    expect(checkpoints.length).toBeGreaterThan(1);
    for (const { checkpoint, elapsedMs } of checkpoints) {
      const resumed = await runHere(
        {
          ...example,
          adjust: {
            resumeFrom: checkpoint,
            epochsBefore: epochs.slice(0, checkpoint.epoch),
            elapsedMsBefore: elapsedMs + 1,
          },
        },
        REFIT,
      );
      expect(digestsOf(resumed.result)).toEqual(digestsOf(whole.result));
    }
  }, 120_000);

  it('gives the same bytes again', async () => {
    const example = { algorithm: 'boosting', hyperparameters: { rounds: 10, subsample: 0.5 } };
    const [first, second] = [await runHere(example, REFIT), await runHere(example, REFIT)];
    expect(digestsOf(second.result)).toEqual(digestsOf(first.result));
    expect(Object.keys(digestsOf(first.result))).toEqual(expect.arrayContaining(['backtest.csv', 'backtest.png']));
    const [header, line] = Buffer.from(artifactOf(first.result, 'backtest.csv').content).toString().split('\n');
    expect(header).toBe('asset,cutoff,time,step,actual,model,naive,seasonalNaive');
    expect(line).toContain(`north,${iso(553)},${iso(554)},1,`);
  }, 60_000);

  it('is refused before anything is trained when its windows do not fit', async () => {
    const said: string[] = [];
    const refused = runHere(
      { algorithm: 'ridge' },
      { ...ONCE, windows: 50 },
      {
        send: (news) => said.push(news.type),
      },
    );
    await expect(refused).rejects.toMatchObject({
      code: 'BACKTEST_DOES_NOT_FIT',
      details: { value: 50, limit: 9, needed: 496, rows: 90 },
    });
    expect(said).toEqual([]);
  });
});
