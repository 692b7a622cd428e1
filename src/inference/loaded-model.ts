import { getAlgorithm } from '../ml/algorithms/algorithms.js';
import type { Forecaster, ModelState } from '../ml/algorithms/algorithm.js';
import { forecastWithIntervals } from '../ml/evaluation/forecast-intervals.js';
import type { AssetFrame, TimeFrame } from '../ml/frame/time-frame.js';
import { openGapForecast } from '../ml/gaps/gap-classifier.js';
import { applyProcessing } from '../ml/processing/apply-processing.js';
import { forecastsOfTarget, openTargetInverses } from '../ml/processing/invert-targets.js';
import type { ModelBundle } from '../registry/index.js';
import { batchedForecaster } from './batched-forecaster.js';
import { isoTextOf } from './iso-times.js';
import { tellDirections } from './told-directions.js';
import type { AssetForecast } from './prediction.js';

export interface ForecastFromFrames {
  /** Milliseconds UTC of the last input row. */
  readonly origin: number;
  readonly forecasts: readonly AssetForecast[];
  /** What was known of the forecast rows, as it was given; undefined where the model knows nothing in advance. */
  readonly known: TimeFrame | undefined;
}

/** A model in memory, with everything between raw rows and forecasts in original units. */
export class LoadedModel {
  private constructor(
    readonly bundle: ModelBundle,
    private readonly forecaster: Forecaster,
  ) {}

  static async load(bundle: ModelBundle): Promise<LoadedModel> {
    const { state } = bundle;
    const forecaster = await getAlgorithm(state.algorithm).restore(state);
    // A call of a network's engine costs as much for one window as for a block of them.
    return new LoadedModel(bundle, (state.values ?? state).network ? batchedForecaster(forecaster, state) : forecaster);
  }

  /** Forecasts the horizon after the last row of `frames`, which has all of the model's assets. */
  async forecast(frames: readonly AssetFrame[]): Promise<ForecastFromFrames> {
    const { fitted, state, gaps, intervals } = this.bundle;
    const { times, inputs, known, following, originals, observed, origin } = applyProcessing(fitted, frames);
    const last = times[origin] ?? NaN;
    const stamps = Array.from(following, isoTextOf);
    const origins = Int32Array.of(origin);
    const gapProbability = (asset: string, present: Uint8Array): number[] | null => {
      const probability = gaps === null ? null : openGapForecast(gaps, asset, present);
      return probability && Array.from(following, (time, at) => probability({ origin, step: at + 1 }, time));
    };
    if (state.task === 'direction') {
      const told = await tellDirections(this.forecaster, fitted, state, { inputs, future: known?.inputs, origin });
      return {
        origin: last,
        known: known?.given,
        forecasts: told.map((one, at) => ({
          ...one,
          times: stamps,
          gapProbability: gapProbability(one.asset, observed[at]!),
          intervals: [],
        })),
      };
    }
    const context = { times: extended(times, following), columns: originals };
    const inverses = openTargetInverses(fitted, context);
    const source = { forecaster: this.forecaster, inputs, future: known?.inputs, horizon: state.horizon, inverses };
    const made = await forecastWithIntervals(intervals, source, origins);
    const forecasts = inverses.map((inverse, target) =>
      inverse(forecastsOfTarget(made.forecasts, target, inverses.length), origins),
    );
    const around = await made.intervals(forecasts);
    return {
      origin: last,
      known: known?.given,
      forecasts: state.targets.map((asset, at) => ({
        asset,
        times: stamps,
        mean: [...forecasts[at]!],
        gapProbability: gapProbability(asset, observed[at]!),
        intervals: around[at]!.map(({ coverage, lower, upper }) => ({
          coverage,
          lower: [...lower],
          upper: [...upper],
        })),
      })),
    };
  }

  /** Of the weights, roughly what it takes in memory. */
  get bytes(): number {
    return bytesOf(this.bundle.state);
  }

  dispose(): void {
    this.forecaster.dispose();
  }
}

function bytesOf({ tensors, ensemble, onnx, values }: ModelState): number {
  const own = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, onnx?.byteLength ?? 0);
  const inside = [...(ensemble?.members ?? []).map(({ model }) => model), ...(values ? [values] : [])];
  return inside.reduce((sum, model) => sum + bytesOf(model), own);
}

function extended(times: Float64Array, following: Float64Array): Float64Array {
  const all = new Float64Array(times.length + following.length);
  all.set(times);
  all.set(following, times.length);
  return all;
}
