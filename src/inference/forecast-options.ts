import { TrainyardError } from '../common/errors/index.js';
import { quantileLevels } from '../ml/evaluation/forecast-intervals.js';
import { MEDIAN, levelsOf, plainLevel, type ForecastSignature } from './forecast-signature.js';
import type { AssetForecast, Prediction } from './prediction.js';

/** What of a forecast is asked for; what is left out is answered in full. The stored prediction always has everything. */
export interface ForecastOptions {
  /** Steps, from 1. */
  readonly horizon?: number;
  /** Targets, in the order of the answer. */
  readonly assets?: readonly string[];
  /** Levels, each between 0 and 1 exclusively. */
  readonly quantiles?: readonly number[];
}

export interface QuantileForecast {
  /** As it was asked for. */
  readonly level: number;
  /** Original units, one a step. */
  readonly values: readonly number[];
}

export interface NarrowedForecast extends AssetForecast {
  /** In the order they were asked for; absent where none were. */
  readonly quantiles?: readonly QuantileForecast[];
}

export interface NarrowedPrediction extends Prediction {
  readonly forecasts: readonly NarrowedForecast[];
}

/** HORIZON_TOO_LONG, TARGET_UNKNOWN or QUANTILE_UNKNOWN where the model cannot answer this. */
export function assertAnswerable(signature: ForecastSignature, options: ForecastOptions): void {
  assertHorizon(options.horizon, signature.horizon);
  const asked = selectTargets(signature.targets, options.assets);
  for (const target of asked) {
    const levels = signature.levels[signature.targets.indexOf(target)] ?? [];
    for (const level of options.quantiles ?? []) assertLevel(level, target, levels);
  }
}

/** The prediction as `options` ask for it. Throws as `assertAnswerable` does. */
export function narrowPrediction(prediction: Prediction, options: ForecastOptions): NarrowedPrediction {
  const { forecasts } = prediction;
  const steps = forecasts[0]?.times.length ?? 0;
  assertHorizon(options.horizon, steps);
  const targets = forecasts.map(({ asset }) => asset);
  const chosen = selectTargets(targets, options.assets).map((asset) => forecasts[targets.indexOf(asset)]!);
  return {
    ...prediction,
    forecasts: chosen.map((forecast) =>
      firstSteps(
        options.quantiles === undefined
          ? forecast
          : { ...forecast, quantiles: options.quantiles.map((level) => quantileOf(forecast, level)) },
        options.horizon ?? steps,
      ),
    ),
  };
}

/**
 * One quantile: the end of the interval that it belongs to; for 0.5 the point forecast, which is the median where the
 * model has quantiles of its own, and its mean elsewhere. QUANTILE_UNKNOWN for others.
 */
function quantileOf(forecast: AssetForecast, level: number): QuantileForecast {
  const { asset, mean, intervals } = forecast;
  const plain = plainLevel(level);
  if (mean !== undefined) {
    for (const { coverage, lower, upper } of intervals) {
      const [low, high] = quantileLevels(coverage).map(plainLevel);
      if (plain === low) return { level, values: lower };
      if (plain === high) return { level, values: upper };
    }
    if (plain === MEDIAN) return { level, values: mean };
  }
  throw unknownLevel(level, asset, mean === undefined ? [] : levelsOf(intervals.map(({ coverage }) => coverage)));
}

function firstSteps(forecast: NarrowedForecast, steps: number): NarrowedForecast {
  const { times, mean, probabilities, direction, flatWithin, gapProbability, intervals, quantiles } = forecast;
  if (steps === times.length) return forecast;
  const first = <Value>(values: readonly Value[]): Value[] => values.slice(0, steps);
  return {
    asset: forecast.asset,
    times: first(times),
    ...(mean && { mean: first(mean) }),
    ...(probabilities && {
      probabilities: { down: first(probabilities.down), flat: first(probabilities.flat), up: first(probabilities.up) },
    }),
    ...(direction && { direction: first(direction) }),
    ...(flatWithin && { flatWithin: first(flatWithin) }),
    gapProbability: gapProbability && first(gapProbability),
    intervals: intervals.map(({ coverage, lower, upper }) => ({ coverage, lower: first(lower), upper: first(upper) })),
    ...(quantiles && { quantiles: quantiles.map(({ level, values }) => ({ level, values: first(values) })) }),
  };
}

function assertHorizon(asked: number | undefined, limit: number): void {
  if (asked === undefined || asked <= limit) return;
  throw new TrainyardError(
    'HORIZON_TOO_LONG',
    `The model forecasts ${limit} steps and cannot answer ${asked}: ask for fewer, or train with a longer windows.horizon`,
    { horizon: asked, limit },
  );
}

function selectTargets(targets: readonly string[], asked: readonly string[] | undefined): readonly string[] {
  const unknown = (asked ?? []).filter((asset) => !targets.includes(asset));
  if (unknown.length === 0) return asked ?? targets;
  throw new TrainyardError(
    'TARGET_UNKNOWN',
    `The model does not forecast ${unknown.join(', ')}; it forecasts ${targets.join(', ')}`,
    { unknown, targets },
  );
}

function assertLevel(level: number, asset: string, levels: readonly number[]): void {
  if (!levels.includes(plainLevel(level))) throw unknownLevel(level, asset, levels);
}

function unknownLevel(level: number, asset: string, levels: readonly number[]): TrainyardError {
  return new TrainyardError(
    'QUANTILE_UNKNOWN',
    levels.length === 0
      ? `The model tells directions of ${asset} and has no quantiles: leave them out`
      : `The model has no quantile ${level} of ${asset}; it has ${levels.join(', ')}. Others come with a training whose evaluation.intervals has their coverage, ${plainLevel(Math.abs(1 - 2 * level))} for this one`,
    { level, asset, levels },
  );
}
