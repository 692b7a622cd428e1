import type { Forecaster } from '../algorithms/algorithm.js';
import type { FittedProcessing } from '../processing/processing-plan.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { evaluate, type EvaluationContext } from './evaluate.js';
import type { EvaluationReport } from './evaluation-report.js';

/**
 * Scores a model on the validation part and on the test part. Progress runs 0…1 over both, by their windows.
 */
export async function evaluateModel(
  data: WindowedData,
  fitted: FittedProcessing,
  forecaster: Forecaster,
  context?: EvaluationContext,
): Promise<EvaluationReport> {
  const { validation, test } = data.origins;
  const all = Math.max(1, validation.length + test.length);
  const watch = (before: number, windows: number): EvaluationContext | undefined =>
    context && {
      isCancelled: () => context.isCancelled(),
      breathe: () => context.breathe(),
      onProgress: (fraction) => context.onProgress((before + fraction * windows) / all),
    };
  return {
    format: 1,
    lookBack: data.lookBack,
    horizon: data.horizon,
    seasonLength: data.seasonLength,
    validation: await evaluate(data, fitted, forecaster, 'validation', watch(0, validation.length)),
    test: await evaluate(data, fitted, forecaster, 'test', watch(validation.length, test.length)),
  };
}
