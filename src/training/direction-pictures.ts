import type { DirectionTrace } from '../ml/evaluation/evaluate-directions.js';
import type { DirectionReport } from '../ml/evaluation/direction-report.js';
import { confusionSpec } from '../ml/plots/confusion-spec.js';
import { probabilitySpec } from '../ml/plots/probability-spec.js';
import { reliabilitySpec } from '../ml/plots/reliability-spec.js';
import type { WindowedData } from '../ml/windows/windowed-data.js';
import { directionBacktestSpec } from '../ml/plots/direction-backtest-spec.js';
import type { DirectionBacktested } from '../ml/evaluation/backtest/direction-backtest.js';
import { directionBacktestTable } from './backtest-table.js';
import type { Pictures } from './pictures.js';
import { writeCsv } from './training-artifacts.js';

/** Begins the pictures of a model of the task direction: probabilities over time, confusion, reliability. */
export function drawDirections(
  pictures: Pictures,
  subject: {
    readonly algorithm: string;
    readonly data: WindowedData;
    readonly report: DirectionReport;
    readonly trace: DirectionTrace | null;
  },
): void {
  const { algorithm, data, report, trace } = subject;
  const part = report.test ?? report.validation;
  if (trace !== null) pictures.begin('probabilities.png', probabilitySpec({ algorithm, data, trace, part }));
  if (part !== null) {
    pictures.begin('confusion.png', confusionSpec(algorithm, part));
    pictures.begin('reliability.png', reliabilitySpec(algorithm, part));
  }
}

/** Begins the picture of a backtest and adds its probabilities as a table; nothing where no window was scored. */
export async function drawDirectionBacktest(
  pictures: Pictures,
  subject: { readonly algorithm: string; readonly data: WindowedData } & DirectionBacktested,
): Promise<void> {
  const spec = directionBacktestSpec(subject.algorithm, subject.report);
  if (spec === null) return;
  pictures.begin('backtest.png', spec);
  pictures.add(await writeCsv('backtest.csv', directionBacktestTable(subject.data, subject.forecasts)));
}
