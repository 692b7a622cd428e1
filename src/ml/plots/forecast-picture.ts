import type { EvaluationReport } from '../evaluation/evaluation-report.js';
import type { GapClassifier } from '../gaps/gap-classifier.js';
import type { FittedProcessing, PartRows } from '../processing/processing-plan.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { ForecastTrace } from './forecast-trace.js';

/** What a forecast picture shows. */
export interface ForecastPicture {
  /** The algorithm's title, for example `Ridge regression`. */
  readonly algorithm: string;
  readonly data: WindowedData;
  readonly fitted: FittedProcessing;
  readonly parts: PartRows;
  /** Of the validation and the test part in this order, as far as they have windows. */
  readonly traces: readonly ForecastTrace[];
  readonly report: EvaluationReport;
  /** Null where no target has one. */
  readonly gaps: GapClassifier | null;
}
