import type { ForecastSignature } from '../forecast-signature.js';
import type { ForecastOptions, NarrowedForecast } from '../forecast-options.js';
import { samplePaths } from './quantile-samples.js';
import { arrayAt, numbersAt, objectAt, wrong } from './read-body.js';
import { rowsOfSeries, type SentRows } from './sent-rows.js';
import { timesFrom } from './times-from.js';

const OUTPUT_TYPES = ['mean', 'quantiles', 'samples'] as const;

/** Samples of one instance; each is a number a step. */
const MAXIMUM_SAMPLES = 1_000;

/** What the answer to an instance has. */
export interface TimeSeriesOutputs {
  readonly mean: boolean;
  /** As they were written; null: all that the model has of every target. */
  readonly quantiles: readonly string[] | null;
  /** 0: none. */
  readonly samples: number;
}

export const ALL_OUTPUTS: TimeSeriesOutputs = { mean: true, quantiles: null, samples: 0 };

/** Of one forecast; with several targets each has a list for every target in place of its value. */
export type TimeSeriesAnswer = Readonly<Record<string, unknown>>;

/** The `configuration` of SageMaker's time-series bodies. */
export function readOutputs(value: unknown, path: string): TimeSeriesOutputs {
  if (value === undefined) return ALL_OUTPUTS;
  const configuration = objectAt(value, path, ['num_samples', 'output_types', 'quantiles']);
  const types = arrayAt(configuration.output_types ?? ['mean', 'quantiles'], `${path}.output_types`);
  const unknown = types.find((type) => !(OUTPUT_TYPES as readonly unknown[]).includes(type));
  if (unknown !== undefined || types.length === 0) {
    throw wrong(`${path}.output_types`, types, `must be among ${OUTPUT_TYPES.join(', ')}`);
  }
  const samples = configuration.num_samples ?? 100;
  if (typeof samples !== 'number' || !Number.isInteger(samples) || samples < 1 || samples > MAXIMUM_SAMPLES) {
    throw wrong(`${path}.num_samples`, samples, `must be a whole number from 1 to ${MAXIMUM_SAMPLES}`);
  }
  const quantiles = types.includes('quantiles') ? readLevels(configuration.quantiles, `${path}.quantiles`) : [];
  return { mean: types.includes('mean'), quantiles, samples: types.includes('samples') ? samples : 0 };
}

/**
 * One of the `instances`: `target` is the series that is forecast, or a list of series where the model has several
 * targets; `dynamic_feat` the other assets of the model in its order, those that are known in advance as far as the
 * forecast goes; `start` the time of the first row, the others follow by the model's own step.
 */
export function readInstance(value: unknown, path: string, signature: ForecastSignature): SentRows {
  const instance = objectAt(value, path, ['start', 'target', 'dynamic_feat', 'cat', 'configuration']);
  if (instance.cat !== undefined) {
    throw wrong(
      `${path}.cat`,
      instance.cat,
      'is not read: an endpoint forecasts all targets of its model; leave it out',
    );
  }
  const covariates = signature.assets.filter((asset) => !signature.targets.includes(asset));
  const series = {
    ...seriesOf(instance.target, `${path}.target`, signature.targets, 'target'),
    ...(covariates.length > 0 || instance.dynamic_feat !== undefined
      ? listOfSeries(instance.dynamic_feat, `${path}.dynamic_feat`, covariates)
      : {}),
  };
  const { start } = instance;
  if (start === undefined) return { times: null, series };
  if (typeof start !== 'string') throw wrong(`${path}.start`, start, 'must be a text such as 2024-01-01 00:00:00');
  return {
    times: timesFrom(start, rowsOfSeries({ times: null, series }, signature), signature, `${path}.start`),
    series,
  };
}

/** What of a forecast is asked for by `outputs`. */
export function optionsOf({ quantiles }: TimeSeriesOutputs, signature: ForecastSignature): ForecastOptions {
  const levels = quantiles === null ? commonLevels(signature) : quantiles.map(Number);
  return levels.length === 0 ? {} : { quantiles: levels };
}

export function answerInstance(
  forecasts: readonly NarrowedForecast[],
  { mean, quantiles, samples }: TimeSeriesOutputs,
): TimeSeriesAnswer {
  const each = (of: (forecast: NarrowedForecast) => unknown): unknown =>
    forecasts.length === 1 ? of(forecasts[0]!) : forecasts.map(of);
  if (forecasts[0]?.probabilities !== undefined) {
    return { probabilities: each(({ probabilities }) => probabilities), direction: each(({ direction }) => direction) };
  }
  const texts = quantiles ?? forecasts[0]?.quantiles?.map(({ level }) => String(level)) ?? [];
  return {
    ...(mean && { mean: each((forecast) => forecast.mean) }),
    ...(texts.length > 0 && {
      quantiles: Object.fromEntries(
        texts.map((text, at) => [text, each((forecast) => forecast.quantiles?.[at]?.values)]),
      ),
    }),
    ...(samples > 0 && { samples: each((forecast) => samplePaths(forecast, samples)) }),
  };
}

/** Levels of which every target has a quantile. */
export function commonLevels({ levels }: ForecastSignature): readonly number[] {
  const [first = [], ...others] = levels;
  return first.filter((level) => others.every((other) => other.includes(level)));
}

function readLevels(value: unknown, path: string): readonly string[] | null {
  if (value === undefined) return null;
  return arrayAt(value, path).map((level, at) => {
    const number = typeof level === 'string' && level.trim() !== '' ? Number(level) : level;
    if (typeof number === 'number' && number > 0 && number < 1) return String(level);
    throw wrong(`${path}[${at}]`, level, 'must be a number between 0 and 1, or its text');
  });
}

/** One list of numbers, or a list of them, one for each of `assets`. */
function seriesOf(value: unknown, path: string, assets: readonly string[], what: string): SentRows['series'] {
  const items = arrayAt(value, path);
  if (assets.length === 1 && !Array.isArray(items[0])) return { [assets[0]!]: numbersAt(items, path) };
  if (!items.every(Array.isArray)) {
    throw wrong(path, null, `must be a list of series, since the model has several ${what}s: ${assets.join(', ')}`);
  }
  return listOfSeries(items, path, assets);
}

function listOfSeries(value: unknown, path: string, assets: readonly string[]): SentRows['series'] {
  const items = arrayAt(value ?? [], path);
  if (items.length !== assets.length) {
    throw wrong(
      path,
      items.length,
      `must have ${assets.length} series${assets.length === 0 ? '' : `: ${assets.join(', ')}`}`,
    );
  }
  return Object.fromEntries(assets.map((asset, at) => [asset, numbersAt(items[at], `${path}[${at}]`)]));
}
