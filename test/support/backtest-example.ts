import type { BacktestReport } from '#src/ml/evaluation/backtest/backtest-report.js';
import { MLRunner, type RunnerSurroundings } from '#src/training/ml-runner.js';
import type { BacktestJob, TrainingNews, TrainingResult } from '#src/training/worker/protocol.js';
import { exampleFrames, exampleJob, type ExampleJob } from './training-example.js';
import { forecastReport } from './forecast-report.js';

/** One training in this process; time stands still unless `now` is given. */
export async function runHere(
  { adjust, ...example }: ExampleJob,
  backtest?: Omit<BacktestJob, 'frames'>,
  surroundings: Partial<RunnerSurroundings> = {},
): Promise<{ readonly result: TrainingResult; readonly news: readonly TrainingNews[] }> {
  const news: TrainingNews[] = [];
  const frames = example.frames ?? exampleFrames();
  const job = exampleJob({
    ...example,
    frames,
    adjust: { importance: false, gapClassifier: false, coverages: [], ...adjust },
  });
  const result = await new MLRunner(
    { ...job, ...(backtest && { backtest: { ...backtest, frames } }) },
    {
      now: () => 0,
      isCancelled: () => false,
      breathe: async () => {},
      send: (said) => news.push(said),
      ...surroundings,
    },
  ).train();
  return { result, news };
}

export function backtestOf({ report }: TrainingResult): BacktestReport {
  const { backtest } = forecastReport(report);
  if (backtest === undefined) throw new Error('the training has no backtest');
  return backtest;
}
