import type { FittedProcessing } from '../../processing/processing-plan.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { ComparedScores } from '../compared-scores.js';
import { hasSkill } from '../evaluate.js';
import { seasonalScale } from '../../metrics/seasonal-scale.js';
import { trainRows, scoredTargets, type ScoredTarget } from '../scored-targets.js';
import { SkillDifferentials } from '../skill-tests.js';
import type { ComparedForecasts } from '../compared-forecasts.js';
import type { PartEvaluation } from '../evaluation-report.js';
import type { IntervalScores } from '../../metrics/interval-metrics.js';
import type { ForecastIntervals, IntervalForecast } from '../forecast-intervals.js';
import { IntervalCoverage, type IntervalRecorder } from '../interval-coverage.js';
import type { BacktestPlan } from './backtest-cutoffs.js';
import { listSkipped, unobserved, windowTimes, type Backtested, type SkippedCutoff } from './backtest-model.js';
import type { BacktestWindow } from './backtest-report.js';
import type { RefitWindow } from './refit-window.js';
import { spreadOfWindows } from './window-spread.js';

/** Scores of the window's own test part, as an ordinary training gives them. */
export interface RefitEvaluation extends ComparedForecasts {
  /** Over all assets and steps; absent where its model has no intervals. */
  readonly intervals?: readonly IntervalScores[];
}

/** What is left of a window once its model is gone: plain data, kept until the backtest is finished. */
export interface ScoredRefit {
  /** Null when none of the rows it forecasts was observed. */
  readonly evaluation: RefitEvaluation | null;
  /** For each target [horizon], original units. */
  readonly forecasts: readonly Float64Array[];
  /** For each target, around the forecasts; null where the window's model has none. */
  readonly intervals: Pick<KeptIntervals, 'method' | 'byTarget'> | null;
  readonly modelSha256: string;
}

/** Keeps the intervals of the one window of a refit. */
export class KeptIntervals implements IntervalRecorder {
  readonly byTarget: (readonly IntervalForecast[])[] = [];

  constructor(readonly method: ForecastIntervals['method']) {}

  add(target: number, _origins: Int32Array, intervals: readonly IntervalForecast[]): void {
    this.byTarget[target] = intervals;
  }
}

export function refitEvaluation(evaluation: PartEvaluation | null): RefitEvaluation | null {
  if (evaluation === null) return null;
  const { model, naive, seasonalNaive, skill, intervals } = evaluation;
  return { model, naive, seasonalNaive, skill, ...(intervals && { intervals: intervals.overall }) };
}

/**
 * Collects the windows of a backtest with refit. Each window has scores of its own, in its own scaling; over all of them
 * the forecasts are scored on the rows of the main axis, in units that all windows share, see `BacktestReport`.
 */
export class RefitScores {
  private readonly targets: readonly ScoredTarget[];
  private readonly scores: ComparedScores;
  private readonly differentials: SkillDifferentials;
  private readonly windows: BacktestWindow[] = [];
  private readonly skipped: SkippedCutoff[] = [];
  private readonly cutoffs: number[] = [];
  private readonly forecasts: (readonly Float64Array[])[] = [];
  private coverage: IntervalCoverage | null = null;

  constructor(
    private readonly backtest: BacktestPlan,
    private readonly data: WindowedData,
    fitted: FittedProcessing,
    cutoffs: Int32Array,
  ) {
    this.targets = inDeviations(data, fitted);
    this.scores = new ComparedScores(data, this.targets);
    this.differentials = new SkillDifferentials(data, this.targets, cutoffs, backtest.step);
  }

  add({ cutoff, ...rows }: RefitWindow, { evaluation, forecasts, intervals, modelSha256 }: ScoredRefit): void {
    if (evaluation === null) {
      this.skipped.push(unobserved(cutoff));
      return;
    }
    this.windows.push({
      ...windowTimes(this.data.times, cutoff, this.data.horizon),
      trainRows: rows.trainRows,
      validationRows: rows.validationRows,
      ...evaluation,
      modelSha256,
    });
    this.cutoffs.push(cutoff);
    this.forecasts.push(forecasts);
    const origin = Int32Array.of(cutoff);
    this.targets.forEach(({ scaledForecast }, target) => {
      const forecast = forecasts[target]!;
      this.scores.add(target, origin, forecast, scaledForecast(forecast, forecast));
      this.differentials.add(target, origin, forecast);
    });
    if (intervals === null) return;
    this.coverage ??= new IntervalCoverage(this.targets, this.data.horizon, intervals.method);
    for (const [target, around] of intervals.byTarget.entries()) this.coverage.add(target, origin, around);
  }

  skip({ cutoff }: RefitWindow, code: string, message: string): void {
    this.skipped.push({ cutoff, code, message });
  }

  finish(): Backtested {
    const { backtest, data, scores, differentials, windows, skipped } = this;
    const { step, trainRows } = backtest;
    const significance = differentials.overall();
    const isScored = windows.length > 0;
    const compared = isScored ? scores.overall() : null;
    return {
      report: {
        refit: true,
        step,
        rollingRows: trainRows,
        windows,
        skipped: listSkipped(skipped, data.times),
        overall: compared && {
          ...compared,
          significance,
          hasSkill: hasSkill(compared, significance) && skipped.length === 0,
          perAsset: scores.perAsset(),
          unscoredAssets: scores.unscoredAssets(),
          perStep: scores.perStep((at) => differentials.ofStep(at)),
          spread: spreadOfWindows(windows),
          ...(this.coverage && { intervals: this.coverage.evaluation() }),
        },
      },
      forecasts: { cutoffs: Int32Array.from(this.cutoffs), values: this.joinedForecasts() },
    };
  }

  private joinedForecasts(): Float64Array[] {
    const { horizon } = this.data;
    return this.targets.map((_, target) => {
      const values = new Float64Array(this.forecasts.length * horizon);
      this.forecasts.forEach((ofWindow, at) => values.set(ofWindow[target]!, at * horizon));
      return values;
    });
  }
}

/** The main targets with original values over the deviation of the main train part for scaled ones. */
function inDeviations(data: WindowedData, fitted: FittedProcessing): ScoredTarget[] {
  const rows = trainRows(data);
  return scoredTargets(data, fitted).map((target) => {
    const { original, observed, trainDeviation, seasonalScale: scale } = target;
    const over = (values: Float64Array): Float64Array => values.map((value) => value / trainDeviation);
    const scaled = over(original);
    return {
      ...target,
      scaled,
      scaledForecast: (_: Float64Array, inOriginal: Float64Array) => over(inOriginal),
      seasonalScale: { ...scale, scaled: seasonalScale(scaled, observed, rows, data.seasonLength) },
    };
  });
}
