import type { AutoencoderPlan } from '../autoencoder/autoencoder-plan.js';
import type { StoredLayer } from '../autoencoder/stored-encoder.js';
import type { Aggregation } from '../frame/resample.js';
import type { FittedImputation } from '../gaps/imputation/choose-imputation.js';
import type { ImputationName } from '../gaps/imputation/imputation-methods.js';
import type { ParameterValues } from '../parameters.js';
import type { DirectionLimits } from '../windows/direction-limits.js';
import type { FittedChain, PlannedChain } from '../transforms/transform-chain.js';

/** The plain, serialisable description that `ProcessingBuilder` builds; every default is already resolved in it. */
export interface ProcessingPlan {
  readonly format: 1;
  /** All assets whose series go in, in column order; the targets are among them. */
  readonly assets: readonly PlannedAsset[];
  /** Ids of the assets to forecast, in output order. */
  readonly targets: readonly string[];
  readonly axis: AxisPlan;
  readonly gaps: GapPlan;
  readonly features: readonly PlannedFeature[];
  /** Compresses what the feature steps made; absent: nothing does. */
  readonly autoencoder?: AutoencoderPlan;
  /** What is known of the rows that are forecast; absent: nothing is. */
  readonly knownFuture?: KnownFuturePlan;
  readonly split: SplitPlan;
  readonly windows: WindowPlan;
  readonly scaling: ScalingPlan;
  /** Rows of the season that the seasonal-naive baseline repeats; null infers it from the calendar of the data. */
  readonly seasonLength: number | null;
  /** What a model gives: probabilities of directions; absent: values. */
  readonly task?: 'direction';
  /**
   * What counts as flat, see `changeSizes`. Under the task direction always there; otherwise forecasts are scored by
   * their directions too, see `DirectionEvaluation`, where it is, and are not where it is absent.
   */
  readonly directionThreshold?: number;
}

export interface PlannedAsset {
  readonly id: string;
  readonly assetClass: string | null;
  /** The asset's main column, for example `close`. */
  readonly column: string;
}

export interface AxisPlan {
  /** Which times form the common axis: those of any asset, of the targets, or of all assets at once. */
  readonly join: 'union' | 'targets' | 'intersection';
  /** Rows before/after these times are left out; milliseconds UTC. */
  readonly start: number | null;
  readonly end: number | null;
  /**
   * Step of a regular grid that the series are put on, milliseconds. `auto`: irregular series are, with the step that
   * `inferStep` finds, regular ones keep their times. Null or absent: times stay as they are.
   */
  readonly step?: number | 'auto' | null;
  /** How the values of one step of the grid become one; absent means `mean`. */
  readonly aggregation?: Aggregation;
}

export interface GapPlan {
  /** A run of missing rows longer than this share of the train part is large: masked, not imputed. 0…1. */
  readonly largeShare: number;
  /**
   * How small gaps are filled. Methods that look across the gap cost the windows that end inside one, see
   * `settledOrigins`; `auto` chooses a causal one for each column.
   */
  readonly imputation: ImputationName | 'auto';
  /** Observed points that medians look at, on each side they look to. */
  readonly neighbours: number;
}

export interface PlannedFeature {
  readonly step: string;
  readonly parameters: ParameterValues;
  /** Assets it is computed for; empty for steps that depend on the time axis only. */
  readonly assets: readonly string[];
  /** For steps of scope `pair`: the assets that each of `assets` is compared with, itself left out. */
  readonly references?: readonly string[];
}

/** Covariates whose values at the forecast rows are known when the forecast is made. */
export interface KnownFuturePlan {
  /** Ids of planned assets, none of them a target. They do not form the axis, see `alignAssets`. */
  readonly assets: readonly string[];
  /** The columns of the feature step `calendar`, which times alone decide. */
  readonly calendar: boolean;
}

export type SplitPlan = PartBorders & SplitGaps;

/** Rows between two parts that belong to neither; see `splitRows`. Absent means 0. */
export interface SplitGaps {
  readonly purge?: number;
  readonly embargo?: number;
}

type PartBorders =
  | {
      readonly by: 'date';
      /** First time that is no longer in the part; milliseconds UTC. train < validation < test. */
      readonly trainEnd: number;
      readonly validationEnd: number;
      readonly testEnd: number | null;
    }
  | { readonly by: 'ratio'; readonly validation: number; readonly test: number }
  | {
      /** Rolling test windows: the newest rows, as many as whole windows need. */
      readonly by: 'windows';
      readonly validationWindows: number;
      readonly testWindows: number;
      /** Rows that one window forecasts: the horizon. */
      readonly windowRows: number;
    };

export interface WindowPlan {
  /** Rows a forecast looks back on. */
  readonly lookBack: number;
  /** Steps it forecasts at once. */
  readonly horizon: number;
  /** Rows between the origins of two train windows. */
  readonly stride: number;
  /** Rows between the origins of two validation or test windows; absent means 1. */
  readonly evaluationStride?: number;
  /** Rows over which the weight of a train window halves, see `sampleWeights`; absent: all count alike. */
  readonly halfLife?: number;
}

/** A transform by name, or several with their parameters, applied in order. Feature columns are scaled only. */
export interface ScalingPlan {
  readonly inputs: PlannedChain;
  readonly targets: PlannedChain;
}

/** Rows [start, end) of the common axis. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

export interface PartRows {
  readonly train: RowRange;
  readonly validation: RowRange;
  readonly test: RowRange;
}

/** How the timestamps of the data go on: what a forecast's timestamps follow. */
export interface SeriesCalendar {
  readonly unit: 'milliseconds' | 'month';
  /** Step in the unit: milliseconds, or months. */
  readonly step: number;
  /** Days that occur in the data, 0 = Sunday … 6 = Saturday; all seven for data that never rests. */
  readonly weekdays: readonly number[];
  /** True when steps are irregular and `step` is only their median; such data has no missing rows. */
  readonly irregular: boolean;
  /** For the unit `month`: every row stands on the last day of its month. Absent means false. */
  readonly monthEnd?: boolean;
  /** Present when the series were put on a grid: times are the ends of its periods, `offset` + k·`step`. */
  readonly grid?: { readonly offset: number };
}

export interface InputColumn extends FittedChain {
  /** `{asset}` for a series itself, `{asset}_{feature}`, or a bare feature name. */
  readonly name: string;
  /** Null for columns that depend on the time axis only. */
  readonly asset: string | null;
}

export interface TargetColumn extends FittedChain {
  readonly asset: string;
  /** Position of the asset's own series among the input columns. */
  readonly input: number;
}

/** A trained autoencoder up to its code: it turns rows of columns into the columns `names`. */
export interface FittedAutoencoder {
  /** The columns it compresses, each with its own scaling. */
  readonly inputs: readonly InputColumn[];
  readonly names: readonly string[];
  readonly layers: readonly StoredLayer[];
}

/** Everything that inference needs to turn raw rows into model input and model output into forecasts. JSON. */
export interface FittedProcessing {
  readonly format: 1;
  readonly plan: ProcessingPlan;
  readonly inputs: readonly InputColumn[];
  readonly targets: readonly TargetColumn[];
  /** Present where the task is direction. */
  readonly directions?: DirectionLimits;
  /** The known-future covariates in the order algorithms read them; absent where the plan has none. */
  readonly future?: readonly InputColumn[];
  /** Present where the plan has one. Its codes are among `inputs`. */
  readonly autoencoder?: FittedAutoencoder;
  readonly calendar: SeriesCalendar;
  /** Longest run of missing rows that is imputed. */
  readonly smallGapRows: number;
  /** How each column is filled, by `{asset}/{column}`. Absent in models from before there was a choice. */
  readonly imputations?: Readonly<Record<string, FittedImputation>>;
  /** Rows of the season the seasonal-naive baseline repeats. */
  readonly seasonLength: number;
  /** Absent in models from before it was kept. */
  readonly learned?: LearnedRows;
  /** Present for ensembles: their members' columns come after the ensemble's own, each made as for the member alone. */
  readonly members?: readonly FittedMember[];
}

/** A member of an ensemble with its own processing, as it was fitted for it. */
export interface FittedMember {
  /** Begins the names of its columns. */
  readonly name: string;
  readonly fitted: FittedProcessing;
}

/** Up to when a model has learned, milliseconds UTC; that of the models it goes on from included. */
export interface LearnedRows {
  /** Of the last row that weights and scales were fitted on. */
  readonly trainEnd: number;
  /** Of the last row that choices were made on, such as the epoch that is kept; not before `trainEnd`. */
  readonly validationEnd: number;
}
