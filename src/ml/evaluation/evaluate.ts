import { TrainyardError } from '../../common/errors/index.js';
import type { Forecaster } from '../algorithms/algorithm.js';
import { ErrorSums, type PointMetrics } from '../metrics/point-metrics.js';
import { observedDeviation, seasonalScale } from '../metrics/seasonal-scale.js';
import { skill } from '../metrics/skill.js';
import { openTargetInverses, originalTargets } from '../processing/invert-targets.js';
import type { FittedProcessing, RowRange } from '../processing/processing-plan.js';
import { isPositional, type ForecastInverse } from '../transforms/transform-chain.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { naiveRow, seasonalNaiveRow } from './baselines.js';
import { DirectionCounts } from './directions.js';
import type { ComparedForecasts, PartEvaluation, ScoredForecast, StepEvaluation } from './evaluation-report.js';

/** What a long evaluation may ask of its host; called between blocks of origins. */
export interface EvaluationContext {
  /** True once somebody wants it to end: `CANCELLED`. */
  isCancelled(): boolean;
  /** Lets timers and messages through. */
  breathe(): Promise<void>;
  /** Share of the part that is done, 0…1. */
  onProgress(fraction: number): void;
}

const UNWATCHED: EvaluationContext = { isCancelled: () => false, breathe: async () => {}, onProgress: () => {} };

/** Forecast values held at once, 2 MiB of Float64, however many windows a part has. */
const BLOCK_VALUES = 2 ** 18;
const MAXIMUM_BLOCK_ORIGINS = 1_024;

/**
 * Scores a forecaster on every window of a part, beside the naive and the seasonal-naive forecast of the same values.
 *
 * Only observed rows count. Metrics come in original units (forecast and actual through the inverse of the target
 * transform) and in scaled ones, see `ScoredForecast`. Baselines repeat original values, whatever the transform. Forecasts are made in blocks of origins and kept as sums only, so memory does not grow
 * with the part; the result does not depend on the size of the blocks. Null when the part has no window, or when no
 * row that its windows forecast was observed.
 *
 * `FORECAST_NOT_FINITE` when a forecast, or its error, is not a finite number in either unit.
 */
export async function evaluate(
  data: WindowedData,
  fitted: FittedProcessing,
  forecaster: Forecaster,
  part: 'validation' | 'test',
  context: EvaluationContext = UNWATCHED,
): Promise<PartEvaluation | null> {
  const origins = data.origins[part];
  if (origins.length === 0) return null;
  const targets = scoredTargets(data, fitted);
  const cells = targets.length * data.horizon;
  const scores = { model: newScores(cells), naive: newScores(cells), seasonalNaive: newScores(cells) };
  const { directionThreshold = null } = fitted.plan;
  const series = targets.map(({ original }) => original);
  const directions =
    directionThreshold === null ? null : new DirectionCounts(data, series, trainRows(data), directionThreshold);
  const blockOrigins = Math.max(1, Math.min(MAXIMUM_BLOCK_ORIGINS, Math.floor(BLOCK_VALUES / cells)));

  for (let start = 0; start < origins.length; start += blockOrigins) {
    if (context.isCancelled()) throw new TrainyardError('CANCELLED', `cancelled while scoring the ${part} part`);
    const block = origins.subarray(start, start + blockOrigins);
    const forecasts = await forecaster.forecast(data.inputs, block, data.future);
    if (forecasts.length !== block.length * cells) {
      throw new Error(`${forecasts.length} forecast values for ${block.length} origins, expected [origins, ${cells}]`);
    }
    for (let target = 0; target < targets.length; target++) {
      const original = scoreBlock(data, targets, target, block, forecasts, scores);
      directions?.add(target, block, original);
    }
    context.onProgress((start + block.length) / origins.length);
    await context.breathe();
  }
  const evaluation = assemble(data, part, targets, scores);
  return evaluation && directions ? { ...evaluation, direction: directions.evaluation() } : evaluation;
}

/** One target with all that scoring it needs. Columns have the length of the axis. */
interface ScoredTarget {
  readonly asset: string;
  /** In the units of scaled scores. */
  readonly scaled: Float64Array;
  readonly original: Float64Array;
  readonly observed: Uint8Array;
  readonly inverse: ForecastInverse;
  /** A forecast in the units of scaled scores, from the model's numbers and those in original units. */
  readonly scaledForecast: (forecast: Float64Array, original: Float64Array) => Float64Array;
  /** q of MASE in either unit, see `seasonalScale`. */
  readonly seasonalScale: { readonly original: number | null; readonly scaled: number | null };
  readonly trainDeviation: number;
}

interface Scores {
  readonly original: ErrorSums;
  readonly scaled: ErrorSums;
}

type AllScores = Readonly<Record<'model' | 'naive' | 'seasonalNaive', Scores>>;

function newScores(cells: number): Scores {
  return { original: new ErrorSums(cells), scaled: new ErrorSums(cells) };
}

function scoredTargets(data: WindowedData, fitted: FittedProcessing): ScoredTarget[] {
  const train = trainRows(data);
  const originals = originalTargets(data, fitted);
  const inverses = openTargetInverses(fitted, { times: data.times, columns: originals });
  return fitted.targets.map((chain, target) => {
    const { asset } = chain;
    const observed = data.targets.observed[target]!;
    const original = originals[target]!;
    const trainDeviation = observedDeviation(original, observed, train);
    if (trainDeviation === 0) {
      throw new TrainyardError(
        'SERIES_CONSTANT',
        `${asset} does not vary in the train part, so its errors cannot be compared: leave it out of the targets`,
        { asset },
      );
    }
    // Changes of different origins have no common level: such scores are in deviations of the original values.
    const inDeviations = (values: Float64Array): Float64Array => values.map((value) => value / trainDeviation);
    const positional = isPositional(chain);
    const scaled = positional ? inDeviations(original) : data.targets.columns[target]!;
    const scale = (series: Float64Array): number | null => seasonalScale(series, observed, train, data.seasonLength);
    return {
      asset,
      scaled,
      original,
      observed,
      inverse: inverses[target]!,
      scaledForecast: (forecast, inOriginal) => (positional ? inDeviations(inOriginal) : forecast),
      seasonalScale: { original: scale(original), scaled: scale(scaled) },
      trainDeviation,
    };
  });
}

/** The rows that the train windows cover. */
function trainRows({ origins: { train }, lookBack, horizon }: WindowedData): RowRange {
  if (train.length === 0) throw new TrainyardError('WINDOWS_NONE', 'there is no train window to compare with');
  return { start: train[0]! - lookBack + 1, end: train[train.length - 1]! + horizon + 1 };
}

/** Adds the errors of one target's forecasts, and gives these in original units, [origins, horizon]. */
function scoreBlock(
  data: WindowedData,
  targets: readonly ScoredTarget[],
  target: number,
  origins: Int32Array,
  forecasts: Float64Array,
  scores: AllScores,
): Float64Array {
  const { horizon, seasonLength } = data;
  const { asset, scaled, original, observed, inverse, scaledForecast } = targets[target]!;
  const forecast = new Float64Array(origins.length * horizon);
  for (let at = 0; at < forecast.length; at++) forecast[at] = forecasts[at * targets.length + target]!;
  const forecastOriginal = inverse(forecast, origins);
  const forecastScaled = scaledForecast(forecast, forecastOriginal);
  assertFinite(forecast, forecastOriginal, asset, origins, data);

  for (let window = 0; window < origins.length; window++) {
    const origin = origins[window]!;
    const naive = naiveRow(original, origin);
    for (let step = 1; step <= horizon; step++) {
      const row = origin + step;
      if (observed[row] !== 1) continue;
      const cell = target * horizon + step - 1;
      const at = window * horizon + step - 1;
      const seasonal = seasonalNaiveRow(original, origin, step, seasonLength);
      const actualScaled = scaled[row]!;
      const actual = original[row]!;
      scores.model.scaled.add(cell, actualScaled, forecastScaled[at]!);
      scores.model.original.add(cell, actual, forecastOriginal[at]!);
      scores.naive.scaled.add(cell, actualScaled, scaled[naive]!);
      scores.naive.original.add(cell, actual, original[naive]!);
      scores.seasonalNaive.scaled.add(cell, actualScaled, scaled[seasonal]!);
      scores.seasonalNaive.original.add(cell, actual, original[seasonal]!);
    }
  }
  return forecastOriginal;
}

function assertFinite(
  scaled: Float64Array,
  original: Float64Array,
  asset: string,
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

function assemble(
  data: WindowedData,
  part: 'validation' | 'test',
  targets: readonly ScoredTarget[],
  scores: AllScores,
): PartEvaluation | null {
  const { horizon, times } = data;
  const origins = data.origins[part];
  const steps = Array.from({ length: horizon }, (_, step) => step);
  const cellsOfAsset = (target: number): number[] => steps.map((step) => target * horizon + step);
  const cellsOfStep = (step: number): number[] => targets.map((_, target) => target * horizon + step);
  const targetOf = (cell: number): ScoredTarget => targets[Math.floor(cell / horizon)]!;
  const metrics = (sums: ErrorSums, unit: 'original' | 'scaled', cells: readonly number[]): PointMetrics =>
    finiteMetrics(sums.metrics(cells, (cell) => targetOf(cell).seasonalScale[unit]));
  const scored = (name: keyof AllScores, cells: readonly number[]): ScoredForecast => ({
    original: metrics(scores[name].original, 'original', cells),
    scaled: metrics(scores[name].scaled, 'scaled', cells),
  });
  const compared = (cells: readonly number[], unitOf: (cell: number) => number): ComparedForecasts => {
    const relative = (name: keyof AllScores) => scores[name].original.relative(cells, unitOf);
    const model = relative('model');
    return {
      model: scored('model', cells),
      naive: scored('naive', cells),
      seasonalNaive: scored('seasonalNaive', cells),
      skill: { naive: skill(model, relative('naive')), seasonalNaive: skill(model, relative('seasonalNaive')) },
    };
  };
  const isObserved = (cells: readonly number[]): boolean => scores.model.original.count(cells) > 0;
  const stepScores = (step: number): StepEvaluation => ({
    step: step + 1,
    model: metrics(scores.model.scaled, 'scaled', cellsOfStep(step)),
    naive: metrics(scores.naive.scaled, 'scaled', cellsOfStep(step)),
    seasonalNaive: metrics(scores.seasonalNaive.scaled, 'scaled', cellsOfStep(step)),
  });

  const allCells = targets.flatMap((_, target) => cellsOfAsset(target));
  if (!isObserved(allCells)) return null;
  const overall = compared(allCells, (cell) => (targets.length === 1 ? 1 : targetOf(cell).trainDeviation));
  return {
    part,
    windows: origins.length,
    from: new Date(times[origins[0]! + 1]!).toISOString(),
    to: new Date(times[origins[origins.length - 1]! + horizon]!).toISOString(),
    ...overall,
    hasSkill: (overall.skill.naive.mae ?? 0) > 0 && (overall.skill.seasonalNaive.mae ?? 0) > 0,
    perAsset: targets.flatMap(({ asset, trainDeviation }, target) => {
      const cells = cellsOfAsset(target);
      return isObserved(cells) ? [{ asset, trainDeviation, ...compared(cells, () => 1) }] : [];
    }),
    unscoredAssets: targets.flatMap(({ asset }, target) => (isObserved(cellsOfAsset(target)) ? [] : [asset])),
    perStep: steps.filter((step) => isObserved(cellsOfStep(step))).map(stepScores),
  };
}

/** Finite forecasts may still have errors whose squares are not: the report stays JSON. */
function finiteMetrics(metrics: PointMetrics | null): PointMetrics {
  if (metrics === null) throw new Error('metrics of no value were asked for');
  if (!Number.isFinite(metrics.mse) || !Number.isFinite(metrics.mase ?? 0)) {
    throw new TrainyardError(
      'FORECAST_NOT_FINITE',
      `the mean squared error is ${metrics.mse}: forecasts are too far from the data to be scored; the training diverged`,
      { mae: String(metrics.mae) },
    );
  }
  return metrics;
}
