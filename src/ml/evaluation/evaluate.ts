import { TrainyardError } from '../../common/errors/index.js';
import type { Forecaster } from '../algorithms/algorithm.js';
import { forecastsOfTarget } from '../processing/invert-targets.js';
import type { FittedProcessing } from '../processing/processing-plan.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { ComparedScores } from './compared-scores.js';
import { DirectionCounts } from './directions.js';
import type { ComparedForecasts, PartEvaluation } from './evaluation-report.js';
import { forecastWithIntervals, type ForecastIntervals } from './forecast-intervals.js';
import type { ForecastRecorder } from './forecast-recorder.js';
import { IntervalCoverage, type IntervalRecorder } from './interval-coverage.js';
import { isSignificant, SkillDifferentials, type SkillTests } from './skill-tests.js';
import { scoredTargets, trainRows, type ScoredTarget } from './scored-targets.js';

/** What a long evaluation may ask of its host; called between blocks of origins. */
export interface EvaluationContext {
  /** True once somebody wants it to end: `CANCELLED`. */
  isCancelled(): boolean;
  /** Lets timers and messages through. */
  breathe(): Promise<void>;
  /** Share of the part that is done, 0…1. */
  onProgress(fraction: number): void;
}

/** What is done with the forecasts besides scoring them. */
export interface EvaluationExtras {
  /** Measured, too. */
  readonly intervals?: ForecastIntervals | null;
  readonly recorders?: readonly ForecastRecorder[];
  /** Told the intervals, too. */
  readonly intervalRecorder?: IntervalRecorder;
}

const UNWATCHED: EvaluationContext = { isCancelled: () => false, breathe: async () => {}, onProgress: () => {} };

/** Forecast values held at once, 2 MiB of Float64, however many windows a part has. */
const BLOCK_VALUES = 2 ** 18;
const MAXIMUM_BLOCK_ORIGINS = 1_024;

/**
 * Scores a forecaster on every window of a part, beside the naive and the seasonal-naive forecast of the same values.
 *
 * Only observed rows count. Metrics come in original units (forecast and actual through the inverse of the target
 * transform) and in scaled ones, see `ScoredForecast`. Baselines repeat original values, whatever the transform. With
 * `intervals` it tells how many values they hold. Forecasts are made in blocks of origins and kept as sums only, so
 * memory does not grow with the part; the result does not depend on the size of the blocks. Null when the part has no
 * window, or when no row that its windows forecast was observed.
 *
 * `FORECAST_NOT_FINITE` when a forecast, or its error, is not a finite number in either unit.
 */
export async function evaluate(
  data: WindowedData,
  fitted: FittedProcessing,
  forecaster: Forecaster,
  part: 'validation' | 'test',
  context: EvaluationContext = UNWATCHED,
  { intervals = null, recorders = [], intervalRecorder }: EvaluationExtras = {},
): Promise<PartEvaluation | null> {
  const { horizon, times } = data;
  const origins = data.origins[part];
  if (origins.length === 0) return null;
  const targets = scoredTargets(data, fitted);
  const scores = new ComparedScores(data, targets);
  const coverage = intervals && new IntervalCoverage(targets, horizon, intervals.method);
  const { directionThreshold = null } = fitted.plan;
  const series = targets.map(({ original }) => original);
  const directions =
    directionThreshold === null ? null : new DirectionCounts(data, series, trainRows(data), directionThreshold);
  const differentials = new SkillDifferentials(data, targets, origins, fitted.plan.windows.evaluationStride ?? 1);
  const watching = [...recorders, differentials, ...(directions === null ? [] : [directions])];
  const source = {
    forecaster,
    inputs: data.inputs,
    future: data.future,
    horizon,
    inverses: targets.map(({ inverse }) => inverse),
  };
  const cells = scores.cells.count;
  const blockOrigins = Math.max(1, Math.min(MAXIMUM_BLOCK_ORIGINS, Math.floor(BLOCK_VALUES / cells)));

  for (let start = 0; start < origins.length; start += blockOrigins) {
    if (context.isCancelled()) throw new TrainyardError('CANCELLED', `cancelled while scoring the ${part} part`);
    const block = origins.subarray(start, start + blockOrigins);
    const made = await forecastWithIntervals(intervals, source, block);
    const { forecasts } = made;
    if (forecasts.length !== block.length * cells) {
      throw new Error(`${forecasts.length} forecast values for ${block.length} origins, expected [origins, ${cells}]`);
    }
    const originals = targets.map((target, at) => {
      const scaled = forecastsOfTarget(forecasts, at, targets.length);
      const original = target.inverse(scaled, block);
      assertFinite(scaled, original, target, block, data);
      const scoredForecast = target.scaledForecast(scaled, original);
      scores.add(at, block, original, scoredForecast);
      for (const recorder of watching) recorder.add(at, block, original, scoredForecast);
      return original;
    });
    if (coverage !== null) {
      const around = await made.intervals(originals);
      around.forEach((ofTarget, at) => {
        coverage.add(at, block, ofTarget);
        intervalRecorder?.add(at, block, ofTarget);
      });
    }
    context.onProgress((start + block.length) / origins.length);
    await context.breathe();
  }
  if (!scores.isObserved(scores.cells.all())) return null;
  const overall = scores.overall();
  const significance = differentials.overall();
  return {
    part,
    windows: origins.length,
    from: new Date(times[origins[0]! + 1]!).toISOString(),
    to: new Date(times[origins[origins.length - 1]! + horizon]!).toISOString(),
    ...overall,
    significance,
    hasSkill: hasSkill(overall, significance),
    perAsset: scores.perAsset(),
    unscoredAssets: scores.unscoredAssets(),
    perStep: scores.perStep((step) => differentials.ofStep(step)),
    ...(coverage && { intervals: coverage.evaluation() }),
    ...(directions && { direction: directions.evaluation() }),
  };
}

/** Less error than both baselines, by more than chance where that can be told. */
export function hasSkill({ skill }: Pick<ComparedForecasts, 'skill'>, significance: SkillTests): boolean {
  return (['naive', 'seasonalNaive'] as const).every(
    (baseline) => (skill[baseline].mae ?? 0) > 0 && isSignificant(significance[baseline]),
  );
}

function assertFinite(
  scaled: Float64Array,
  original: Float64Array,
  { asset }: ScoredTarget,
  origins: Int32Array,
  { horizon, times }: WindowedData,
): void {
  for (let at = 0; at < scaled.length; at++) {
    if (Number.isFinite(scaled[at]) && Number.isFinite(original[at])) continue;
    const origin = new Date(times[origins[Math.floor(at / horizon)]!]!).toISOString();
    const step = (at % horizon) + 1;
    throw new TrainyardError(
      'FORECAST_NOT_FINITE',
      `the forecast of ${asset} at ${origin}, step ${step}, is ${original[at]} (${scaled[at]} scaled): the training ` +
        'diverged; lower the learning rate, raise the regularisation, or scale the inputs',
      { asset, origin, step, scaled: String(scaled[at]), original: String(original[at]) },
    );
  }
}
