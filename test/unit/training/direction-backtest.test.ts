import type { BacktestPlan } from '#src/ml/evaluation/backtest/backtest-cutoffs.js';
import type { DirectionReport, ModelReport } from '#src/ml/evaluation/direction-report.js';
import { summarizeMetrics } from '#src/executions/metrics-summary.js';
import type { ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { runHere } from '../../support/backtest-example.js';
import { artifactOf, digestsOf, examplePlan, logsOf } from '../../support/training-example.js';

const ONCE: BacktestPlan = { windows: 8, step: 9, refit: false, trainRows: null };
const REFIT: BacktestPlan = { windows: 2, step: 40, refit: true, trainRows: null };
const HOUR_MS = 3_600_000;
const FIRST = Date.UTC(2020, 0, 1);
const timeOf = (row: number): number => FIRST + row * HOUR_MS;
const iso = (row: number): string => new Date(timeOf(row)).toISOString();

const PLAN = (): ProcessingPlan =>
  examplePlan((builder) => builder.task('direction').directionThreshold(0.3).feature('sma', { window: 5 }));

function directionReport(report: ModelReport): DirectionReport {
  if (report.task !== 'direction') throw new Error('the report is one of values');
  return report;
}

it('without refit is the ordinary evaluation of these origins', async () => {
  // Every ninth window of a test part that begins with the first cut-off: the same origins.
  const plan = PLAN();
  const { result, news } = await runHere({ algorithm: 'logistic', plan }, ONCE);
  const report = directionReport(result.report);
  const { windows, overall, skipped } = report.backtest!;
  expect(skipped).toEqual([]);
  expect(windows.map(({ cutoff }) => cutoff)).toEqual([530, 539, 548, 557, 566, 575, 584, 593].map(iso));
  const stepped = { ...plan, windows: { ...plan.windows, evaluationStride: 9 } };
  const split = { by: 'date', trainEnd: timeOf(420), validationEnd: timeOf(531), testEnd: null } as const;
  // The same model: what lies between is no longer validated on, so the penalty is given.
  const lambdas = { lambdas: [0.01] };
  const fixed = await runHere({ algorithm: 'logistic', plan, hyperparameters: lambdas }, ONCE);
  const ordinary = await runHere({ algorithm: 'logistic', plan: { ...stepped, split }, hyperparameters: lambdas });
  const mine = directionReport(fixed.result.report).backtest!.overall!;
  const { test } = directionReport(ordinary.result.report);
  expect(test!.windows).toBe(8);
  const { model, trainShares, skill, significance, count, perStep } = mine;
  expect({ model, trainShares, skill, significance, count, perStep }).toEqual({
    model: test!.model,
    trainShares: test!.trainShares,
    skill: test!.skill,
    significance: test!.significance,
    count: test!.count,
    perStep: test!.perStep,
  });
  expect(mine.perAsset.map(({ asset, count: of }) => [asset, of])).toEqual([
    ['north', 48],
    ['south', 48],
  ]);

  // A daily wave: where it goes follows from where it is.
  expect(overall!.model.macroAuc).toBeGreaterThan(0.9);
  expect(overall!.hasSkill).toBe(true);
  expect(overall!.model.confusion.flat().reduce((sum, cells) => sum + cells, 0)).toBe(96);
  expect(windows.reduce((sum, window) => sum + window.model.logLoss / 8, 0)).toBeCloseTo(overall!.model.logLoss, 12);
  expect(overall!.spread.logLoss.mean).toBeCloseTo(overall!.model.logLoss, 12);
  for (const window of windows) {
    expect(window.count).toBe(12);
    expect(window.trainRows).toBe(420);
    expect(window.model.confusion.flat().reduce((sum, cells) => sum + cells, 0)).toBe(12);
    expect(window.model.macroAuc === null || window.model.macroAuc >= 0).toBe(true);
  }
  expect(windows.some((window) => window.model.macroAuc !== null)).toBe(true);

  expect(logsOf(news).find((line) => line.startsWith('Backtest, 8 cut-offs 9 rows apart'))).toContain(
    `log loss ${Number(overall!.model.logLoss.toPrecision(3))}`.slice(0, 13),
  );
  expect(summarizeMetrics(report).backtest).toMatchObject({
    refit: false,
    windows: 8,
    skipped: 0,
    hasSkill: true,
    direction: { logLoss: overall!.model.logLoss, macroAuc: overall!.model.macroAuc, macroF1: overall!.model.macroF1 },
  });
  const card = Buffer.from(artifactOf(result, 'model-card.md').content).toString();
  expect(card).toContain('## Backtest\n\n- This model at each cut-off; cut-offs 9 rows apart, 8 scored, 0 not');
  const [header, first, ...lines] = Buffer.from(artifactOf(result, 'backtest.csv').content)
    .toString()
    .trim()
    .split('\n');
  expect(header).toBe('asset,cutoff,time,step,actual,down,flat,up');
  expect(lines).toHaveLength(95);
  const [asset, , , step, actual, ...probabilities] = first!.split(',');
  expect([asset, step]).toEqual(['north', '1']);
  expect(['down', 'flat', 'up']).toContain(actual);
  expect(probabilities.map(Number).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  expect(artifactOf(result, 'backtest.png').content.length).toBeGreaterThan(1_000);
}, 120_000);

it.each([
  ['logistic', { lambdas: [0.01, 0.1] }],
  ['boosting', { rounds: 10 }],
  ['mlp', { units: [6], epochs: 3 }],
] as const)(
  'with refit gives for %s what ordinary trainings with data up to each window give, bit for bit',
  async (algorithm, hyperparameters) => {
    const plan = PLAN();
    const first = await runHere({ algorithm, hyperparameters, plan }, REFIT);
    const { windows, overall } = directionReport(first.result.report).backtest!;
    expect(windows.map(({ cutoff }) => cutoff)).toEqual([553, 593].map(iso));
    for (const window of windows) {
      const cutoff = (Date.parse(window.cutoff) - FIRST) / HOUR_MS;
      const ordinary = await runHere({
        algorithm,
        hyperparameters,
        plan: {
          ...plan,
          axis: { ...plan.axis, end: timeOf(cutoff + 6) },
          split: {
            by: 'date',
            trainEnd: timeOf(cutoff + 1 - window.validationRows),
            validationEnd: timeOf(cutoff + 1),
            testEnd: null,
          },
        },
      });
      const { test } = directionReport(ordinary.result.report);
      expect(window.modelSha256).toBe(ordinary.result.modelSha256);
      expect(window.count).toBe(test!.count);
      expect(window.model.logLoss).toBe(test!.model.logLoss);
      expect(window.model.confusion).toEqual(test!.model.confusion);
      expect(window.model.calibrationError).toBe(test!.model.calibrationError);
      expect(window.trainShares.logLoss).toBe(test!.trainShares.logLoss);
      expect(window.skill).toBe(test!.skill);
    }
    expect(overall!.count).toBe(windows[0]!.count + windows[1]!.count);
    // A model of either window is told apart from the other's shares.
    const logLoss = windows.reduce((sum, { count, model }) => sum + count * model.logLoss, 0) / overall!.count;
    expect(overall!.model.logLoss).toBeCloseTo(logLoss, 12);
    const again = await runHere({ algorithm, hyperparameters, plan }, REFIT);
    expect(digestsOf(again.result)).toEqual(digestsOf(first.result));
  },
  240_000,
);
