import type { Forecaster } from '../../algorithms/algorithm.js';
import { settledOrigins, type SettledAt } from '../../gaps/settled-rows.js';
import type { FittedProcessing, PartRows } from '../../processing/processing-plan.js';
import { windowOrigins } from '../../windows/window-origins.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { ComparedScores } from '../compared-scores.js';
import { evaluate, type EvaluationContext } from '../evaluate.js';
import type { ForecastIntervals } from '../forecast-intervals.js';
import { WindowIntervals } from './window-intervals.js';
import { scoredTargets } from '../scored-targets.js';
import { backtestCutoffs, type BacktestPlan } from './backtest-cutoffs.js';
import type { BacktestForecasts, BacktestReport, BacktestWindow, SkippedWindow } from './backtest-report.js';
import { ForecastSheet } from './forecast-sheet.js';
import { spreadOfWindows } from './window-spread.js';

export interface Backtested {
  readonly report: BacktestReport;
  readonly forecasts: BacktestForecasts;
}

/** A model as its training left it. */
export interface FinishedModel {
  readonly data: WindowedData;
  readonly fitted: FittedProcessing;
  readonly forecaster: Forecaster;
  /** Absent or null: it has none. */
  readonly intervals?: ForecastIntervals | null;
}

/** What a cut-off needs to be one of a model. */
export interface BacktestRows {
  /** With all input columns, those that a selection left out among them: as for the windows of an evaluation. */
  readonly complete: WindowedData;
  readonly settledAt: SettledAt;
  readonly parts: PartRows;
}

/**
 * A backtest without refit: the model that was fitted once at the cut-offs only. `overall` is the ordinary evaluation of
 * a test part that has these origins, bit for bit. Cut-offs whose window is not complete are skipped, as there.
 */
export async function backtestModel(
  backtest: BacktestPlan,
  { data, fitted, forecaster, intervals = null }: FinishedModel,
  rows: BacktestRows,
  context?: EvaluationContext,
): Promise<Backtested> {
  const { horizon, times } = data;
  const { step } = backtest;
  const { origins, skipped } = modelCutoffs(backtest, data, fitted, rows);
  const plan = { ...fitted.plan, windows: { ...fitted.plan.windows, evaluationStride: step } };
  const scored: WindowedData = { ...data, origins: { ...data.origins, test: origins } };
  const sheet = new ForecastSheet(data.targets.names.length, origins.length, horizon);
  const targets = scoredTargets(data, fitted);
  const held = intervals && new WindowIntervals(targets, horizon, intervals.method);
  const evaluation = await evaluate(scored, { ...fitted, plan }, forecaster, 'test', context, {
    recorders: [sheet],
    intervals,
    ...(held && { intervalRecorder: held }),
  });
  const { train, validation } = rows.parts;
  const windows = Array.from(origins).flatMap((cutoff, at): BacktestWindow[] => {
    const scores = new ComparedScores(data, targets);
    const ofWindow = (values: Float64Array): Float64Array => values.subarray(at * horizon, (at + 1) * horizon);
    targets.forEach((_, target) =>
      scores.add(target, Int32Array.of(cutoff), ofWindow(sheet.originals[target]!), ofWindow(sheet.scaled[target]!)),
    );
    if (!scores.isObserved(scores.cells.all())) {
      skipped.push(unobserved(cutoff));
      return [];
    }
    return [
      {
        ...windowTimes(times, cutoff, horizon),
        trainRows: train.end - train.start,
        validationRows: validation.end - validation.start,
        ...scores.overall(),
        ...(held && { intervals: held.of(cutoff) }),
      },
    ];
  });
  return {
    report: {
      refit: false,
      step,
      rollingRows: null,
      windows,
      skipped: listSkipped(skipped, times),
      overall:
        evaluation === null
          ? null
          : {
              model: evaluation.model,
              naive: evaluation.naive,
              seasonalNaive: evaluation.seasonalNaive,
              skill: evaluation.skill,
              significance: evaluation.significance,
              hasSkill: evaluation.hasSkill && skipped.length === 0,
              perAsset: evaluation.perAsset,
              unscoredAssets: evaluation.unscoredAssets,
              perStep: evaluation.perStep,
              spread: spreadOfWindows(windows),
              ...(evaluation.intervals !== undefined && { intervals: evaluation.intervals }),
            },
    },
    forecasts: { cutoffs: origins, values: sheet.originals },
  };
}

/** The cut-offs of a backtest without refit that are scored, and those that are not. */
export function modelCutoffs(
  backtest: BacktestPlan,
  data: WindowedData,
  fitted: FittedProcessing,
  rows: BacktestRows,
): { readonly origins: Int32Array; readonly skipped: SkippedCutoff[] } {
  const cutoffs = backtestCutoffs(backtest, rows.parts, fitted.plan.split, data.horizon);
  const origins = completeCutoffs(cutoffs, backtest.step, fitted, rows);
  const incomplete = cutoffs.filter((cutoff) => !origins.includes(cutoff));
  const skipped = Array.from(incomplete, (cutoff) => ({
    cutoff,
    code: 'WINDOWS_NONE',
    message: 'its window, or the rows it forecasts, lack values that were not imputed',
  }));
  return { origins, skipped };
}

/** The cut-offs that are origins of windows as an evaluation takes them. */
function completeCutoffs(
  cutoffs: Int32Array,
  step: number,
  { plan }: FittedProcessing,
  { complete: { inputs, targets, future }, settledAt, parts }: BacktestRows,
): Int32Array {
  const test = { start: cutoffs[0]! + 1, end: parts.test.end };
  const ahead = [...targets.columns, ...(future?.columns ?? [])];
  const within = { ...parts, test };
  const stepped = { ...plan.windows, evaluationStride: step };
  const origins = windowOrigins(inputs.columns, ahead, within, stepped);
  return settledOrigins(origins, settledAt, within, plan.windows.horizon, future !== undefined).test;
}

/** A window that was left out, by the row of its cut-off. */
export interface SkippedCutoff extends Omit<SkippedWindow, 'cutoff'> {
  readonly cutoff: number;
}

export function unobserved(cutoff: number): SkippedCutoff {
  return { cutoff, code: 'SERIES_EMPTY', message: 'none of the rows it forecasts was observed' };
}

export function listSkipped(skipped: readonly SkippedCutoff[], times: Float64Array): SkippedWindow[] {
  return [...skipped]
    .sort((one, other) => one.cutoff - other.cutoff)
    .map(({ cutoff, code, message }) => ({ cutoff: iso(times[cutoff]!), code, message }));
}

export function windowTimes(
  times: Float64Array,
  cutoff: number,
  horizon: number,
): Pick<BacktestWindow, 'cutoff' | 'from' | 'to'> {
  return { cutoff: iso(times[cutoff]!), from: iso(times[cutoff + 1]!), to: iso(times[cutoff + horizon]!) };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
