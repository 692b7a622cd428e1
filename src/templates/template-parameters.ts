import type { ParameterValues } from '../ml/parameters.js';

/**
 * Every parameter of every step of a training, with all defaults filled in: what an execution freezes. The DTO classes
 * beside it declare, validate and document the same fields. Times are ISO 8601 in UTC, lengths are rows.
 */
export interface TemplateParameters {
  readonly data: DataParameters;
  readonly gaps: GapParameters;
  readonly features: FeatureParameters;
  readonly split: SplitParameters;
  readonly windows: { readonly lookBack: number; readonly horizon: number; readonly stride: number };
  readonly scaling: { readonly inputs: string; readonly targets: string };
  readonly algorithm: { readonly name: string; readonly hyperparameters: ParameterValues };
  readonly training: TrainingParameters;
  readonly evaluation: {
    /** Rows of one season for the seasonal-naive baseline; null infers it from the step. */
    readonly seasonLength: number | null;
  };
  readonly registration: {
    /** Model group the result is registered in; null names it after the template. */
    readonly model: string | null;
  };
}

export interface DataParameters {
  readonly datasetId: string;
  /** Null: the newest version at the start of the execution, which is then frozen into it. */
  readonly datasetVersion: number | null;
  /** Assets to forecast. */
  readonly targets: readonly string[];
  /** Assets whose series are input: `all`, or a list; the targets always are. */
  readonly baseAssets: 'all' | readonly string[];
  /** The column of each asset that is forecast and that features are made of; null: its only or first one. */
  readonly column: string | null;
  readonly join: 'union' | 'targets' | 'intersection';
  readonly start: string | null;
  readonly end: string | null;
}

export interface GapParameters {
  readonly largeShare: number;
  readonly imputation: 'forward-fill' | 'trailing-median';
  readonly neighbours: number;
  readonly classifier: { readonly enabled: boolean };
}

/** `assets` is `all` (every base asset), `targets`, or a list. */
export type AssetSelection = 'all' | 'targets' | readonly string[];

export interface FeatureParameters {
  readonly lags: { readonly enabled: boolean; readonly assets: AssetSelection; readonly lags: readonly number[] };
  readonly calendar: { readonly enabled: boolean };
  readonly technicalAnalysis: {
    readonly enabled: boolean;
    readonly assets: AssetSelection;
    readonly sma: { readonly enabled: boolean; readonly window: number };
    readonly ema: { readonly enabled: boolean; readonly window: number };
    readonly rsi: { readonly enabled: boolean; readonly window: number };
    readonly bollinger: { readonly enabled: boolean; readonly window: number; readonly deviations: number };
  };
  readonly arima: {
    readonly enabled: boolean;
    readonly assets: AssetSelection;
    readonly order: readonly number[];
    readonly trainShare: number;
  };
  readonly fourier: {
    readonly enabled: boolean;
    readonly assetClasses: readonly string[];
    readonly harmonics: readonly number[];
  };
  readonly autoencoder: {
    readonly enabled: boolean;
    readonly optimizer: string;
    readonly loss: string;
    readonly epochs: number;
    readonly batchSize: number;
    readonly shuffle: boolean;
  };
}

export interface SplitParameters {
  readonly by: 'ratio' | 'date';
  /** Shares of the rows, for `ratio`. */
  readonly validation: number;
  readonly test: number;
  /** First time no longer in the part, for `date`. */
  readonly trainEnd: string | null;
  readonly validationEnd: string | null;
  readonly testEnd: string | null;
}

export interface TrainingParameters {
  readonly seed: number;
  readonly engine: 'auto' | 'tfjs-node' | 'tfjs-wasm';
  readonly maxRuntimeSeconds: number | null;
  readonly checkpointEveryEpochs: number;
}
