import type { ModelReport } from '#src/ml/evaluation/direction-report.js';
import type { EvaluationReport } from '#src/ml/evaluation/evaluation-report.js';

/** The report of a model that forecasts values. */
export function forecastReport(report: ModelReport): EvaluationReport {
  if (report.task === 'direction') throw new Error('the report is one of directions');
  return report;
}
