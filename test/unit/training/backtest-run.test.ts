import type { BacktestPlan } from '#src/ml/evaluation/backtest/backtest-cutoffs.js';
import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { backtestModel } from '#src/ml/evaluation/backtest/backtest-model.js';
import { evaluate } from '#src/ml/evaluation/evaluate.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { backtestOf, runHere } from '../../support/backtest-example.js';
import { exampleFrames, examplePlan } from '../../support/training-example.js';
import { trainingContext } from '../../support/synthetic-windows.js';
import { forecastReport } from '../../support/forecast-report.js';

const ONCE: BacktestPlan = { windows: 4, step: 10, refit: false, trainRows: null };
const REFIT: BacktestPlan = { windows: 2, step: 40, refit: true, trainRows: null };
const HOUR_MS = 3_600_000;
const FIRST = Date.UTC(2020, 0, 1);
const timeOf = (row: number): number => FIRST + row * HOUR_MS;
const iso = (row: number): string => new Date(timeOf(row)).toISOString();

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
