import type { Forecaster } from '../ml/algorithms/algorithm.js';
import type { Backtested } from '../ml/evaluation/backtest/backtest-model.js';
import type { DirectionBacktested } from '../ml/evaluation/backtest/direction-backtest.js';
import { tellDirections, type DirectionWindows } from '../ml/evaluation/backtest/direction-windows.js';
import type { FinishedWindow } from '../ml/evaluation/backtest/finished-window.js';
import { ForecastSheet } from '../ml/evaluation/backtest/forecast-sheet.js';
import { KeptIntervals, refitEvaluation, type RefitScores } from '../ml/evaluation/backtest/refit-scores.js';
import type { RefitWindow } from '../ml/evaluation/backtest/refit-window.js';
import { ConformalCalibration } from '../ml/evaluation/conformal-calibration.js';
import { evaluate, type EvaluationContext } from '../ml/evaluation/evaluate.js';
import type { ForecastIntervals } from '../ml/evaluation/forecast-intervals.js';
import { originalTargets } from '../ml/processing/invert-targets.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import type { WindowedData } from '../ml/windows/windowed-data.js';
import { describeDirectionWindow, describeSkippedWindow, describeWindow, type WindowPlace } from './backtest-log.js';
import type { LogLine } from './training-log.js';

/** A model that was fitted at a cut-off, and the row of the cut-off in its own data. */
export interface WindowFit {
  readonly data: WindowedData;
  readonly fitted: FittedProcessing;
  readonly forecaster: Forecaster;
  readonly origin: number;
  readonly modelSha256: string;
}

/** Scores the windows of a backtest with refit, and adds up what was scored, one window after the other. */
export interface RefitCollector<Finished> {
  score(window: RefitWindow, fit: WindowFit, watched: EvaluationContext): Promise<FinishedWindow>;
  add(window: RefitWindow, place: WindowPlace, finished: FinishedWindow): LogLine;
  finish(): Finished;
}

export function collectForecasts(
  scores: RefitScores,
  coverages: readonly number[],
): RefitCollector<{ readonly task: 'forecast' } & Backtested> {
  return {
    async score({ cutoff }, fit, watched) {
      const { data, fitted, forecaster, origin, modelSha256 } = fit;
      const intervals = await intervalsOfWindow(fit, coverages, watched);
      const sheet = new ForecastSheet(data.targets.names.length, 1, data.horizon);
      const kept = intervals && new KeptIntervals(intervals.method);
      const ofOrigin = { ...data, origins: { ...data.origins, test: Int32Array.of(origin) } };
      const evaluation = await evaluate(ofOrigin, fitted, forecaster, 'test', watched, {
        recorders: [sheet],
        intervals,
        ...(kept && { intervalRecorder: kept }),
      });
      const around = kept && { method: kept.method, byTarget: kept.byTarget };
      const scored = { evaluation: refitEvaluation(evaluation), forecasts: sheet.originals, intervals: around };
      return { kind: 'forecasts', cutoff, scored: { ...scored, modelSha256 } };
    },
    add(window, place, finished) {
      if (finished.kind === 'skipped') {
        scores.skip(window, finished.code, finished.message);
        return describeSkippedWindow(place, finished.message);
      }
      if (finished.kind !== 'forecasts') throw new Error('this backtest is one of forecasts');
      scores.add(window, finished.scored);
      return describeWindow(place, window, finished.scored.evaluation);
    },
    finish: () => ({ task: 'forecast', ...scores.finish() }),
  };
}

/** As `evaluateModel` makes them: the algorithm's own, or conformal ones from the window's own validation part. */
async function intervalsOfWindow(
  { data, fitted, forecaster }: WindowFit,
  coverages: readonly number[],
  watched: EvaluationContext,
): Promise<ForecastIntervals | null> {
  if (coverages.length === 0) return null;
  if (forecaster.forecastQuantiles !== undefined && data.targets.isPositional !== true) {
    return { format: 1, method: 'quantiles', coverages };
  }
  const originals = originalTargets(data, fitted);
  const calibration = new ConformalCalibration(data, originals, data.origins.validation.length);
  await evaluate(data, fitted, forecaster, 'validation', watched, { recorders: [calibration] });
  return calibration.intervals(coverages);
}

export function collectDirections(
  windows: DirectionWindows,
): RefitCollector<{ readonly task: 'direction' } & DirectionBacktested> {
  return {
    async score({ cutoff }, { data, forecaster, origin, modelSha256 }, watched) {
      const told = await tellDirections(data, forecaster, Int32Array.of(origin), watched);
      return { kind: 'directions', cutoff, told, modelSha256 };
    },
    add(window, place, finished) {
      const { cutoff, trainRows, validationRows } = window;
      if (finished.kind === 'skipped') {
        windows.skip({ cutoff, code: finished.code, message: finished.message });
        return describeSkippedWindow(place, finished.message);
      }
      if (finished.kind !== 'directions') throw new Error('this backtest is one of directions');
      const { told, modelSha256 } = finished;
      const scored = windows.add(cutoff, told, 0, { trainRows, validationRows, modelSha256 });
      return describeDirectionWindow(place, window, scored);
    },
    finish: () => ({ task: 'direction', ...windows.finish() }),
  };
}
