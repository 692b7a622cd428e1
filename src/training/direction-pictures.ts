import type { DirectionTrace } from '../ml/evaluation/evaluate-directions.js';
import type { DirectionReport } from '../ml/evaluation/direction-report.js';
import type { ImportanceReport } from '../ml/explain/feature-importance.js';
import { confusionSpec } from '../ml/plots/confusion-spec.js';
import type { LossPicture } from '../ml/plots/loss-spec.js';
import { probabilitySpec } from '../ml/plots/probability-spec.js';
import { reliabilitySpec } from '../ml/plots/reliability-spec.js';
import type { WindowedData } from '../ml/windows/windowed-data.js';
import { directionBacktestSpec } from '../ml/plots/direction-backtest-spec.js';
import type { DirectionBacktested } from '../ml/evaluation/backtest/direction-backtest.js';
import { directionBacktestTable } from './backtest-table.js';
import { drawLearning, writeCsv } from './training-artifacts.js';
import type { WorkerArtifact } from './worker/protocol.js';

/** The pictures of a model of the task direction: probabilities over time, confusion, reliability, and how it learned. */
export async function drawDirections(
  subject: {
    readonly algorithm: string;
    readonly data: WindowedData;
    readonly report: DirectionReport;
    readonly trace: DirectionTrace | null;
    readonly importance: ImportanceReport | null;
  },
  losses: Omit<LossPicture, 'algorithm'> | null,
): Promise<WorkerArtifact[]> {
  // The renderer takes longest to load: a training that fails or is cancelled never waits for it.
  const { renderPicture } = await import('./worker/picture.js');
  const { algorithm, data, report, trace, importance } = subject;
  const part = report.test ?? report.validation;
  const pictures: WorkerArtifact[] = [];
  const draw = async (name: string, spec: Parameters<typeof renderPicture>[0]): Promise<void> => {
    pictures.push({ name, contentType: 'image/png', content: await renderPicture(spec) });
  };
  if (trace !== null) await draw('probabilities.png', probabilitySpec({ algorithm, data, trace, part }));
  if (part !== null) {
    await draw('confusion.png', confusionSpec(algorithm, part));
    await draw('reliability.png', reliabilitySpec(algorithm, part));
  }
  return [...pictures, ...(await drawLearning(algorithm, losses, importance))];
}

/** The picture of a backtest and its probabilities as a table; nothing where no window was scored. */
export async function exportDirectionBacktest(
  subject: { readonly algorithm: string; readonly data: WindowedData } & DirectionBacktested,
): Promise<WorkerArtifact[]> {
  const spec = directionBacktestSpec(subject.algorithm, subject.report);
  if (spec === null) return [];
  const { renderPicture } = await import('./worker/picture.js');
  return [
    { name: 'backtest.png', contentType: 'image/png', content: await renderPicture(spec) },
    await writeCsv('backtest.csv', directionBacktestTable(subject.data, subject.forecasts)),
  ];
}
