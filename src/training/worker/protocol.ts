import type { EncodedError } from '../../common/errors/index.js';
import type { EpochRecord, FitOutcome, ModelState, TrainingCheckpoint } from '../../ml/algorithms/algorithm.js';
import type { EngineChoice } from '../../ml/engine/open-engine.js';
import type { TrainingLineage } from '../../ml/export/model-card.js';
import type { BacktestPlan } from '../../ml/evaluation/backtest/backtest-cutoffs.js';
import type { FinishedWindow } from '../../ml/evaluation/backtest/finished-window.js';
import type { MemberOrigin } from '../../ml/evaluation/member-evaluation.js';
import type { ModelReport } from '../../ml/evaluation/direction-report.js';
import type { ImportanceReport } from '../../ml/explain/feature-importance.js';
import type { AssetFrame } from '../../ml/frame/time-frame.js';
import type { ParameterValues } from '../../ml/parameters.js';
import type { AlignedSeries } from '../../ml/processing/align-assets.js';
import type { BlockAddress } from '../../ml/processing/feature-address.js';
import type { BlockRequest, ComputedBlock, FeatureBlock } from '../../ml/processing/feature-blocks.js';
import type { FeatureTask } from '../../ml/processing/feature-task.js';
import type { FilledSeries } from '../../ml/processing/fill-small-gaps.js';
import type { PreparedFrames } from '../../ml/processing/prepared-frames.js';
import type { FittedProcessing, ProcessingPlan } from '../../ml/processing/processing-plan.js';

/**
 * The border between the service and its workers, threads and processes. Types only: plain data in, plain data out,
 * buffers transferred where memory is shared.
 */

/** What a training worker is started with. */
export interface TrainingJob {
  readonly executionId: string;
  /** What the model card names; absent in trainings that no template started. */
  readonly lineage?: TrainingLineage;
  readonly plan: ProcessingPlan;
  /** The common axis with every asset's columns named `{asset}/{column}`, and the feature columns of the pool. */
  readonly prepared: PreparedFrames;
  readonly algorithm: { readonly name: string; readonly hyperparameters: ParameterValues };
  /** Measure what each input column is worth to the trained model. */
  readonly importance: boolean;
  /** Leave out input columns that are of no use, before the training; null keeps all. */
  readonly selection: { readonly tolerance: number } | null;
  /** Train a gap classifier where a target has a large gap. */
  readonly gapClassifier: boolean;
  /** Coverages of the intervals around forecasts, ascending; none for an empty list. */
  readonly coverages: readonly number[];
  /** The model whose weights it begins with, and the processing these were trained behind; absent: none. */
  readonly warmStart?: WarmStart;
  /** What an ensemble combines, and what its members' columns are made of; absent in all other trainings. */
  readonly ensemble?: EnsembleJob;
  /** A model file that is used instead of a training; absent in all other trainings. */
  readonly modelFile?: Uint8Array;
  /** Absent: no backtest. */
  readonly backtest?: BacktestJob;
  readonly seed: number;
  readonly engine: EngineChoice;
  readonly maxRuntimeMs: number | null;
  readonly checkpointEveryEpochs: number;
  readonly resumeFrom: TrainingCheckpoint | null;
  /** Epochs up to the checkpoint, as recorded before the interruption: the loss curve is drawn whole. */
  readonly epochsBefore: readonly EpochRecord[];
  /** Runtime spent before an interruption. */
  readonly elapsedMsBefore: number;
}

export interface WarmStart {
  readonly model: ModelState;
  readonly fitted: FittedProcessing;
}

export interface EnsembleJob {
  readonly members: readonly JobMember[];
  /** Of the assets of all members, as they came from the dataset. */
  readonly frames: readonly AssetFrame[];
}

/** A finished model with the processing it was trained behind. */
export interface JobMember {
  readonly name: string;
  readonly origin: MemberOrigin;
  readonly model: ModelState;
  readonly fitted: FittedProcessing;
}

/** The `workerData` of a training thread: cancelling is a shared flag, since a message does not reach a busy loop. */
export interface ThreadJob extends TrainingJob {
  /** Int32Array of one element; 1 = cancel. */
  readonly cancelFlag: SharedArrayBuffer;
}

/** All that a training process is told after its job. */
export interface CancelMessage {
  readonly type: 'cancel';
}

/** A backtest, and what its refits begin with: the frames as they came from the dataset. Without refit there are none. */
export interface BacktestJob extends BacktestPlan {
  readonly frames: readonly AssetFrame[];
  /** Windows that a refit finished before an interruption: they are not fitted again. */
  readonly finished?: readonly FinishedWindow[];
}

/** `autoencoder` only where the plan has one, `backtest` where the job has one. */
export type TrainingStep = 'autoencoder' | 'windows' | 'training' | 'evaluating' | 'backtest' | 'drawing' | 'exporting';

export interface WorkerArtifact {
  readonly name: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

export interface TrainingResult extends FitOutcome {
  readonly fitted: FittedProcessing;
  readonly report: ModelReport;
  /** Null where it was not asked for, or cannot be told. */
  readonly importance: ImportanceReport | null;
  /** `model.json`, `model.keras`, `forecast.png`, `report.json`, … */
  readonly artifacts: readonly WorkerArtifact[];
  /** SHA-256 of the canonical model state. */
  readonly modelSha256: string;
  readonly windows: { readonly train: number; readonly validation: number; readonly test: number };
}

export type TrainingMessage =
  | {
      readonly type: 'progress';
      readonly step: TrainingStep;
      /** 0…100 over the whole training worker. */
      readonly percent: number;
      readonly epoch: number | null;
      readonly epochs: number | null;
      readonly loss: number | null;
      readonly validationLoss: number | null;
      readonly etaSeconds: number | null;
    }
  | { readonly type: 'epoch'; readonly record: EpochRecord }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly message: string }
  | { readonly type: 'checkpoint'; readonly checkpoint: TrainingCheckpoint; readonly elapsedMs: number }
  | { readonly type: 'backtest-window'; readonly finished: FinishedWindow; readonly elapsedMs: number }
  | { readonly type: 'result'; readonly result: TrainingResult }
  | { readonly type: 'failed'; readonly error: EncodedError };

/** What a worker says while it runs. */
export type TrainingNews = Exclude<TrainingMessage, { type: 'result' } | { type: 'failed' }>;

/** What the processing pool asks one of its threads for. */
export type ProcessingTask =
  | {
      readonly type: 'align';
      readonly plan: ProcessingPlan;
      readonly frames: readonly AssetFrame[];
      /** Numbers of rows that the axis may have had before, for the addresses; null: no addresses are asked for. */
      readonly earlierRows: readonly number[] | null;
    }
  | { readonly type: 'features'; readonly task: FeatureTask; readonly orders: readonly BlockOrder[] };

/** One block to compute, from an earlier one over fewer rows where there is one. */
export interface BlockOrder {
  readonly request: BlockRequest;
  readonly earlier: FeatureBlock | null;
}

export interface TimedBlock extends ComputedBlock {
  readonly computeMs: number;
}

export type ProcessingAnswer =
  | {
      readonly type: 'aligned';
      readonly series: AlignedSeries;
      readonly filled: FilledSeries;
      /** What is left to compute, each on any thread. */
      readonly tasks: readonly FeatureTask[];
      /** Of the blocks of each task; empty when they were not asked for. */
      readonly addresses: readonly (readonly BlockAddress[])[];
    }
  /** In the order of the orders. */
  | { readonly type: 'blocks'; readonly made: readonly TimedBlock[] };

export interface ProcessingRequest {
  readonly id: number;
  readonly task: ProcessingTask;
}

export type ProcessingResponse =
  | { readonly id: number; readonly type: 'answer'; readonly answer: ProcessingAnswer }
  | { readonly id: number; readonly type: 'failed'; readonly error: EncodedError };
