import type { NetworkArchitecture } from '../engine/network.js';
import type { EngineChoice } from '../engine/open-engine.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { AffineUnits } from '../transforms/affine-chain.js';
import type { FittedChain } from '../transforms/transform-chain.js';
import type { MemberLayout } from '../windows/member-layout.js';
import type { InputMatrix, WindowedData } from '../windows/windowed-data.js';

export interface StateTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array;
}

/**
 * A trained model as plain data: what is stored, exported and restored. Written canonically (sorted keys, tensors as
 * little-endian base64), equal training gives equal bytes.
 */
export interface ModelState {
  readonly format: 1;
  readonly algorithm: string;
  readonly hyperparameters: ParameterValues;
  readonly lookBack: number;
  readonly horizon: number;
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
  /** Small JSON the algorithm needs besides tensors (chosen lambda, season length, …). */
  readonly facts: Readonly<Record<string, number | string | boolean | readonly number[]>>;
  /** Present where it gives class probabilities, see `Forecaster.classProbabilities`; absent: it forecasts values. */
  readonly task?: 'direction';
  /** Network weights are named `layer/weight`. */
  readonly tensors: Readonly<Record<string, StateTensor>>;
  /** Present for networks. */
  readonly network?: NetworkArchitecture;
  /** Present for ensembles. */
  readonly ensemble?: EnsembleState;
  /** Present where directions are told from forecasts of values: the model that makes these, whole. */
  readonly values?: ModelState;
  /** Present where the model is an ONNX file that was imported: its bytes. */
  readonly onnx?: Uint8Array;
}

/** The models that an ensemble combines, each whole. */
export interface EnsembleState {
  /** From original units into those of the ensemble's forecasts, by target; element-wise. */
  readonly targets: readonly FittedChain[];
  readonly members: readonly (EnsembleMember & {
    /** 0 … 1; all sum to 1. */
    readonly weight: number;
  })[];
}

export interface EnsembleMember extends MemberLayout {
  readonly model: ModelState;
}

/** Training that can be continued: the algorithm's own plain data (epoch, weights, optimiser state, best so far). */
export interface TrainingCheckpoint {
  readonly epoch: number;
  readonly facts: Readonly<Record<string, number | string | boolean | null | readonly number[]>>;
  readonly tensors: Readonly<Record<string, StateTensor>>;
}

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean over the epoch, scaled units. */
  readonly loss: number;
  /** Null when there is no validation window. */
  readonly validationLoss: number | null;
  readonly durationMs: number;
}

/** Why training ended before its last epoch. */
export type StopReason = 'completed' | 'early-stopping' | 'budget';

/**
 * What a training may ask of the world around it. The host supplies it: a worker, a test, a benchmark.
 * `ml` itself knows no clock: `elapsedMs` comes from here.
 */
export interface TrainingContext {
  readonly seed: number;
  /** Which tensor engine to use; `auto` takes the fastest that runs here. */
  readonly engine: EngineChoice;
  /** True once somebody wants the training to end; checked between batches. */
  isCancelled(): boolean;
  /** Milliseconds since this training began, those before a resume included. */
  elapsedMs(): number;
  /** Null for no limit. */
  readonly maxRuntimeMs: number | null;
  /** Lets timers and messages through; awaited between batches. */
  breathe(): Promise<void>;
  /** Fraction of the training that is done, 0…1, with the current loss; throttled by the host. */
  onProgress(progress: {
    readonly fraction: number;
    readonly epoch: number;
    readonly epochs: number;
    readonly loss: number | null;
  }): void;
  onEpoch(record: EpochRecord): void;
  onCheckpoint(checkpoint: TrainingCheckpoint): void;
  /** Epochs between two checkpoints. */
  readonly checkpointEveryEpochs: number;
  readonly resumeFrom: TrainingCheckpoint | null;
  /**
   * The model whose weights this training begins with, only for algorithms that declare `warmStart`. Its inputs, targets,
   * look-back and horizon are those of the data, which came through its processing. A resumed training is given it again.
   */
  readonly warmStart?: ModelState;
  /** The finished models to combine, only for algorithms that declare `combines`; the data have the columns of them all. */
  readonly ensemble?: {
    readonly targets: EnsembleState['targets'];
    readonly members: readonly EnsembleMember[];
  };
  /** The file to use, only for algorithms that declare `imports`. */
  readonly modelFile?: ImportedFile;
  log(level: 'info' | 'warn', message: string): void;
}

/** A model file, and how the columns it reads and the targets it forecasts are scaled; null where by no straight line. */
export interface ImportedFile {
  readonly content: Uint8Array;
  /** In the order of the input columns. */
  readonly inputs: readonly (AffineUnits | null)[];
  readonly targets: readonly (AffineUnits | null)[];
}

/** How a training went, in numbers. */
export interface TrainingSummary {
  /** Epochs run, or solver iterations. */
  readonly iterations: number;
  /** Epoch whose weights were kept, from 1; null for closed forms, 0 when a warm start's origin was not bettered. */
  readonly bestEpoch: number | null;
  /** Training loss of the kept weights in scaled units, by `lossName`. */
  readonly loss: number;
  /** What was minimised; left out it is `mse`, the mean squared error. */
  readonly lossName?: string;
  readonly validationLoss: number | null;
  /** Of the weights a warm start began with: on the validation windows, on the train windows where there are none. */
  readonly originLoss?: number;
  readonly stopReason: StopReason;
  /** The engine that ran, for example `onnx`, `closed-form`, `none`. */
  readonly engine: string;
}

export interface FitOutcome extends TrainingSummary {
  readonly model: ModelState;
}

/** A restored model. */
export interface Forecaster {
  /**
   * Point forecasts in scaled units for each origin.
   * `inputs`: columns as in training; each window must be complete (no NaN).
   * `future`: the known-future covariates as in training, over the same rows and `horizon` more after the last origin;
   * given whenever the training data had them, read only by algorithms that use them.
   * Returns shape [origins, horizon, targets], row-major. The result for an origin t depends only on the rows of its
   * window, and on rows up to t + horizon of `future`: one window alone or among thousands gives the same bytes.
   * A model of the task direction has no such forecast, and asking it for one is a bug.
   */
  forecast(inputs: InputMatrix, origins: Int32Array, future?: InputMatrix): Promise<Float64Array>;
  /**
   * Quantiles of the algorithm's own, in scaled units; left out by point forecasters, which get conformal intervals, see
   * `ForecastIntervals`. `levels`: ascending, each between 0 and 1 exclusively. Returns shape [origins, horizon, targets,
   * levels], row-major, finite, never decreasing along the levels. What holds for `forecast` holds here: what an origin
   * gets depends on its window alone, bit for bit; one that samples draws from a seed in its state, not from a stream
   * that goes on between calls.
   */
  forecastQuantiles?(
    inputs: InputMatrix,
    origins: Int32Array,
    levels: readonly number[],
    future?: InputMatrix,
  ): Promise<Float64Array>;
  /**
   * `forecast` and `forecastQuantiles` of the same windows at the cost of one, bit for bit what they give apart. Left out
   * where two calls cost no more, or where there are no quantiles.
   */
  forecastWithQuantiles?(
    inputs: InputMatrix,
    origins: Int32Array,
    levels: readonly number[],
    future?: InputMatrix,
  ): Promise<{ readonly forecasts: Float64Array; readonly quantiles: Float64Array }>;
  /**
   * Of a model of the task direction, and only there: the probabilities that the value goes down, stays flat or goes up
   * from the origin to each forecast row, see `DIRECTIONS`. Returns shape [origins, horizon, targets, 3], row-major; the
   * three are in 0 … 1 and sum to 1 within 1e-12. What holds for `forecast` holds here: what an origin gets depends on
   * its window alone, bit for bit.
   */
  classProbabilities?(inputs: InputMatrix, origins: Int32Array, future?: InputMatrix): Promise<Float64Array>;
  /**
   * Of a forecaster that knows how its values are distributed: the probabilities that each value is below, within or
   * above `limits` around the last one of the window, see `DIRECTIONS`. `limits[k][h − 1]` ≥ 0, scaled units, of target k
   * h steps ahead. Returns shape [origins, horizon, targets, 3], row-major. What tells directions from forecasts of
   * values asks for it; models of the task direction have `classProbabilities`.
   */
  changeProbabilities?(
    inputs: InputMatrix,
    origins: Int32Array,
    limits: readonly Float64Array[],
    future?: InputMatrix,
  ): Promise<Float64Array>;
  /** Frees native memory. */
  dispose(): void;
}

/**
 * One algorithm. What an implementer owes: same data, hyperparameters and seed give the same `ModelState` bytes; a
 * training resumed from any of its checkpoints ends with the same bytes as one that was not interrupted; nothing at or
 * before an origin changes when values after it change, known-future covariates apart; state survives serialisation; `CANCELLED` is thrown within a
 * batch after `isCancelled`; budget and early stopping end normally with the best weights so far. One that declares
 * `warmStart` never ends with a larger validation loss than the model it began with.
 */
export interface Algorithm {
  /** The name that templates use, for example `seasonal-naive`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly family: 'baseline' | 'statistical' | 'linear' | 'trees' | 'neural' | 'ensemble' | 'imported';
  readonly hyperparameters: ParameterSpace;
  /** False: it reads the targets' own series only, and a template that adds features is told so. */
  readonly usesFeatures: boolean;
  /** False: all train windows count alike, whatever `WindowedData.weights` says, and the log says so. */
  readonly usesWeights: boolean;
  /** It reads `WindowedData.future`. Absent: it does not, and a template that declares such covariates is told so. */
  readonly usesKnownFuture?: true;
  /** It learns the task direction too, where `WindowedData.directions` is present; its models have `classProbabilities`. */
  readonly supportsDirection?: true;
  /** It learns nothing but directions. Absent: it forecasts values. */
  readonly supportsForecast?: false;
  /**
   * Present: a training can begin with the weights of an earlier model. `free` names the hyperparameters that may differ
   * from that model's: they say how it is trained, the others what it is.
   */
  readonly warmStart?: { readonly free: readonly string[] };
  /** It combines finished models, which `TrainingContext.ensemble` has, and trains none. */
  readonly combines?: true;
  /** It uses a file that was trained elsewhere, which `TrainingContext.modelFile` has, and trains nothing. */
  readonly imports?: true;
  fit(data: WindowedData, hyperparameters: ParameterValues, context: TrainingContext): Promise<FitOutcome>;
  restore(state: ModelState): Promise<Forecaster>;
}
