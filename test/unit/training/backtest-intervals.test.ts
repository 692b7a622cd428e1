import type { BacktestPlan } from '#src/ml/evaluation/backtest/backtest-cutoffs.js';
import { backtestOf, runHere } from '../../support/backtest-example.js';
import { forecastReport } from '../../support/forecast-report.js';
import { artifactOf, examplePlan, logsOf } from '../../support/training-example.js';

const ONCE: BacktestPlan = { windows: 10, step: 6, refit: false, trainRows: null };
const REFIT: BacktestPlan = { windows: 3, step: 40, refit: true, trainRows: null };
const COVERAGES = [0.5, 0.8];
const HOUR_MS = 3_600_000;
const FIRST = Date.UTC(2020, 0, 1);

interface BacktestFile {
  readonly cells: readonly {
    readonly asset: string;
    readonly time: number;
    readonly actual: number;
    readonly model: number;
  }[];
}

function readCsv(content: Uint8Array): BacktestFile['cells'] {
  const [, ...lines] = Buffer.from(content).toString().trim().split('\n');
  return lines.map((line) => {
    const [asset, , time, , actual, model] = line.split(',');
    return { asset: asset!, time: Date.parse(time!), actual: Number(actual), model: Number(model) };
  });
}

it('without refit measures the intervals of the model at the cut-offs', async () => {
  const { result, news } = await runHere({ algorithm: 'ridge', adjust: { coverages: COVERAGES } }, ONCE);
  const { overall, windows } = backtestOf(result);
  const { intervals } = overall!;
  expect(intervals!.method).toBe('split-conformal');
  expect(intervals!.overall.map(({ coverage, count }) => [coverage, count])).toEqual([
    [0.5, 120],
    [0.8, 120],
  ]);
  // Counted from the forecasts and the intervals as files have them.
  const stored = JSON.parse(Buffer.from(artifactOf(result, 'forecast-intervals.json').content).toString()) as {
    readonly targets: readonly { readonly asset: string; readonly lower: number[][]; readonly upper: number[][] }[];
  };
  const cells = readCsv(artifactOf(result, 'backtest.csv').content);
  for (const [at] of COVERAGES.entries()) {
    const inside = cells.filter(({ asset, actual, model }, cell) => {
      const { lower, upper } = stored.targets.find((target) => target.asset === asset)!;
      const step = cell % 6;
      return actual >= model + lower[at]![step]! && actual <= model + upper[at]![step]!;
    });
    expect(intervals!.overall[at]!.covered).toBeCloseTo(inside.length / cells.length, 10);
  }
  // Windows add up to all of them.
  for (const [at] of COVERAGES.entries()) {
    const counts = windows.map((window) => window.intervals![at]!.count);
    const held = windows.reduce((sum, window, n) => sum + counts[n]! * window.intervals![at]!.covered, 0);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(120);
    expect(held / 120).toBeCloseTo(intervals!.overall[at]!.covered, 10);
  }
  const percent = (100 * intervals!.overall[1]!.covered).toFixed(1);
  expect(logsOf(news).find((line) => line.startsWith('Backtest, 10'))).toContain(`${percent} % of 80 %`);
  expect(Buffer.from(artifactOf(result, 'model-card.md').content).toString()).toContain(
    `${percent} % of 120 values in those of 80 %`,
  );
}, 60_000);

it.each(['ridge', 'ets'])(
  'with refit each window of %s has intervals of its own, as an ordinary training has them',
  async (algorithm) => {
    const adjust = { coverages: COVERAGES };
    const { overall, windows } = backtestOf((await runHere({ algorithm, adjust }, REFIT)).result);
    expect(overall!.intervals!.overall.map(({ coverage, count }) => [coverage, count])).toEqual([
      [0.5, 36],
      [0.8, 36],
    ]);
    for (const [at] of COVERAGES.entries()) {
      const mean = windows.reduce((sum, { intervals }) => sum + intervals![at]!.covered / 3, 0);
      expect(overall!.intervals!.overall[at]!.covered).toBeCloseTo(mean, 10);
    }
    const window = windows[1]!;
    const cutoff = (Date.parse(window.cutoff) - FIRST) / HOUR_MS;
    const timeOf = (row: number): number => FIRST + row * HOUR_MS;
    const plan = examplePlan();
    const ordinary = await runHere({
      algorithm,
      adjust,
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
    expect(window.intervals).toEqual(forecastReport(ordinary.result.report).test!.intervals!.overall);
  },
  120_000,
);

it('has none where none were asked for', async () => {
  const { overall, windows } = backtestOf((await runHere({ algorithm: 'ridge' }, REFIT)).result);
  expect(overall).not.toHaveProperty('intervals');
  expect(windows[0]).not.toHaveProperty('intervals');
}, 60_000);
