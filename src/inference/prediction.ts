import type { Direction } from '../ml/windows/direction-labels.js';

/** The rows a forecast was made from, as given or as read from the dataset: before processing, in original units. */
export interface PredictionWindow {
  /** Dataset version of a `latest` window; null for an explicit one. */
  readonly datasetVersion: number | null;
  /** ISO 8601, the last look-back rows. */
  readonly times: readonly string[];
  /** By asset, one value a time; null where missing. */
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
  /** What was known of the forecast rows; absent where the model knows no asset in advance. */
  readonly future?: KnownFutureRows;
}

export interface KnownFutureRows {
  /** ISO 8601, the forecast rows. */
  readonly times: readonly string[];
  /** By known-future asset, one value a time as it was given; null where it was imputed. */
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Of the change from the last known row to each forecast row, one a step; the three of a step sum to 1. */
export type DirectionProbabilities = Readonly<Record<Direction, readonly number[]>>;

export interface AssetForecast {
  readonly asset: string;
  /** ISO 8601, one a step; they follow the data's own calendar. */
  readonly times: readonly string[];
  /** Original units, one a step; absent where the model tells directions. */
  readonly mean?: readonly number[];
  /** Present where the model tells directions, and only there. */
  readonly probabilities?: DirectionProbabilities;
  /** The most probable direction, one a step; with `probabilities`. */
  readonly direction?: readonly Direction[];
  /** Largest change from the origin that counts as flat, original units, one a step; with `probabilities`. */
  readonly flatWithin?: readonly number[];
  /** Probability that the row will have no value, one a step; null where the model has no gap classifier. */
  readonly gapProbability: readonly number[] | null;
  /** By ascending coverage; empty where the model has none. */
  readonly intervals: readonly AssetInterval[];
}

/**
 * Where the value will lie with the probability `coverage`, original units, one a step. The ends are the quantiles
 * (1 − coverage) / 2 and (1 + coverage) / 2.
 */
export interface AssetInterval {
  /** 0…1. */
  readonly coverage: number;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

type LaterFields = 'gapProbability' | 'intervals';

/** As it was stored, perhaps by a version before gap classifiers or before intervals. */
export type StoredForecast = Omit<AssetForecast, LaterFields> & Partial<Pick<AssetForecast, LaterFields>>;

/** One stored inference. Never overwritten. */
export interface Prediction {
  readonly predictionId: string;
  readonly endpoint: string;
  readonly model: string;
  readonly modelVersion: number;
  /** Name of the variant that answered; null for the shadow. */
  readonly variant: string | null;
  /** Of the shadow: the prediction that was answered in its place. Absent in answers. */
  readonly shadowOf?: string;
  /** False in the answer of one that the endpoint's share left out; absent otherwise. */
  readonly stored?: false;
  readonly createdAt: string;
  readonly requestedBy: string;
  /** The caller's own name for the request; absent where it gave none. */
  readonly inferenceId?: string;
  /** Time of the last input row. */
  readonly origin: string;
  readonly window: PredictionWindow;
  readonly forecasts: readonly AssetForecast[];
  /** From the request to the forecast, a wake-up included. */
  readonly latencyMs: number;
}

const texts = new WeakMap<object, string>();

/** As JSON. Made once: what is answered is also what is written down. */
export function textOfPrediction(prediction: Pick<Prediction, 'predictionId'>): string {
  let text = texts.get(prediction);
  if (text === undefined) texts.set(prediction, (text = JSON.stringify(prediction)));
  return text;
}
