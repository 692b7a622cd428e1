import type { Forecaster } from '../algorithms/algorithm.js';
import { originalTargets } from '../processing/invert-targets.js';
import type { FittedProcessing } from '../processing/processing-plan.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { ConformalCalibration } from './conformal-calibration.js';
import { evaluate, type EvaluationContext } from './evaluate.js';
import type { EvaluationReport } from './evaluation-report.js';
import type { ForecastIntervals } from './forecast-intervals.js';
import { ResidualRecorder, type ResidualTrace } from './residual-trace.js';

export interface EvaluatedModel {
  readonly report: EvaluationReport;
  /** Null where none was asked for, or where the validation part is too small for any. */
  readonly intervals: ForecastIntervals | null;
  /** Of the last part that has windows; null where none has. */
  readonly residuals: ResidualTrace | null;
}

/**
 * Scores a model on the validation part and on the test part, and gives it intervals of the asked coverages (ascending):
 * its own quantiles if it has some, otherwise conformal ones, calibrated on the validation part. Their coverage is
 * measured on the test part, which they do not depend on. Progress runs 0…1 over both parts, by their windows.
 *
 * Quantiles of changes do not add up to quantiles of values, so under a positional target transform a model with
 * quantiles of its own gets conformal intervals, too.
 */
export async function evaluateModel(
  data: WindowedData,
  fitted: FittedProcessing,
  forecaster: Forecaster,
  context?: EvaluationContext,
  coverages: readonly number[] = [],
): Promise<EvaluatedModel> {
  const { validation, test } = data.origins;
  const all = Math.max(1, validation.length + test.length);
  const watch = (before: number, windows: number): EvaluationContext | undefined =>
    context && {
      isCancelled: () => context.isCancelled(),
      breathe: () => context.breathe(),
      onProgress: (fraction) => context.onProgress((before + fraction * windows) / all),
    };
  const isOwn = forecaster.forecastQuantiles !== undefined && data.targets.isPositional !== true;
  const last = test.length > 0 ? 'test' : 'validation';
  const originals = originalTargets(data, fitted);
  const residuals =
    data.origins[last].length === 0
      ? null
      : { part: last, recorder: new ResidualRecorder(data, originals, data.origins[last]) };
  const recording = (part: 'validation' | 'test'): ResidualRecorder[] =>
    residuals?.part === part ? [residuals.recorder] : [];
  const calibration =
    coverages.length === 0 || isOwn ? null : new ConformalCalibration(data, originals, validation.length);
  const validated = await evaluate(data, fitted, forecaster, 'validation', watch(0, validation.length), {
    recorders: [...(calibration === null ? [] : [calibration]), ...recording('validation')],
  });
  const own: ForecastIntervals | null =
    isOwn && coverages.length > 0 ? { format: 1, method: 'quantiles', coverages } : null;
  const intervals = calibration === null ? own : calibration.intervals(coverages);
  const report: EvaluationReport = {
    format: 1,
    lookBack: data.lookBack,
    horizon: data.horizon,
    seasonLength: data.seasonLength,
    validation: validated,
    test: await evaluate(data, fitted, forecaster, 'test', watch(validation.length, test.length), {
      intervals,
      recorders: recording('test'),
    }),
  };
  return { report, intervals, residuals: residuals?.recorder.trace() ?? null };
}
