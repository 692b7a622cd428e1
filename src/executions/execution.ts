import type { Role } from '../common/config/index.js';
import type { EpochRecord, StopReason, TrainingSummary } from '../ml/algorithms/algorithm.js';
import type { FieldOrigin, TemplateParameters } from '../templates/index.js';
import type { ModelFileOrigin } from '../model-files/index.js';
import type { TrainedOrigin } from './execution-origins.js';
import type { MetricsSummary } from './metrics-summary.js';

export const EXECUTION_STATUSES = [
  'QUEUED',
  'PREPARING',
  'TRAINING',
  'EVALUATING',
  'REGISTERING',
  'INTERRUPTED',
  'SUCCEEDED',
  'STOPPED',
  'FAILED',
  'CANCELLED',
] as const;

export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** Held by a lease while in one of these. */
export type RunningStatus = 'PREPARING' | 'TRAINING' | 'EVALUATING' | 'REGISTERING';

/**
 * Where the value of one parameter comes from. `frozen`: the template left it open (the newest dataset version) and
 * the start of the execution fixed it.
 */
export type ParameterOrigin = FieldOrigin | 'frozen';

/** What an execution does just now. The steps between the first and the last are the training worker's. */
export const EXECUTION_STEPS = [
  'preparing',
  'autoencoder',
  'windows',
  'training',
  'evaluating',
  'backtest',
  'drawing',
  'exporting',
  'registering',
] as const;

export type ExecutionStep = (typeof EXECUTION_STEPS)[number];

export interface ExecutionProgress {
  readonly step: ExecutionStep;
  /** 0…100 over the whole execution. */
  readonly percent: number;
  readonly epoch: number | null;
  readonly epochs: number | null;
  readonly loss: number | null;
  readonly validationLoss: number | null;
  readonly etaSeconds: number | null;
}

/** Overrides as given: any part of the template's fields, nested as they are. */
export type Overrides = Readonly<Record<string, unknown>>;

/** Why an execution failed. `INTERNAL` is a bug, whose stack is in the service's log. */
export interface ExecutionError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Facts that become known while it runs; each replaces the one before. */
export interface RunFacts {
  /** Runtime so far in milliseconds, that before interruptions included. */
  readonly runtimeMs?: number;
  /** The engine that runs, for example `tfjs-wasm`, `closed-form`. */
  readonly engine?: string;
  readonly iterations?: number;
  readonly loss?: number;
  readonly validationLoss?: number | null;
  /** Hash of the feature set; null when the template asks for no features. */
  readonly featureSet?: string | null;
  readonly windows?: { readonly train: number; readonly validation: number; readonly test: number };
}

/** What a training that came to its end leaves behind. */
export interface ExecutionResult extends TrainingSummary {
  readonly runtimeMs: number;
  /** SHA-256 of the canonical model state. */
  readonly modelSha256: string;
  readonly windows: { readonly train: number; readonly validation: number; readonly test: number };
  readonly metrics: MetricsSummary;
  /** The registered model version. */
  readonly model: { readonly name: string; readonly version: number };
}

/** One line of the list: everything but the parameters. Times are ISO 8601 in UTC. */
export interface ExecutionSummary {
  readonly executionId: string;
  readonly status: ExecutionStatus;
  readonly templateId: string;
  readonly templateName: string;
  readonly templateVersion: number;
  readonly datasetId: string;
  readonly datasetVersion: number;
  /** SHA-256 over the content of the dataset version. */
  readonly datasetContentHash: string;
  readonly algorithm: string;
  readonly seed: number;
  /** The requested engine until training starts, then the one that runs. */
  readonly engine: string;
  readonly codeVersion: string;
  /** SHA-256 over parameters, data and code version: equal fingerprints on one engine give equal model bytes. */
  readonly fingerprint: string;
  readonly clonedFrom: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly cancelRequested: boolean;
  /** Claims so far: 1 for an execution that was never interrupted. */
  readonly attempt: number;
  readonly interruptions: number;
  /** Epoch of the last checkpoint, from which an interrupted execution resumes. */
  readonly checkpointEpoch: number | null;
  readonly runtimeMs: number;
  readonly iterations: number | null;
  readonly bestEpoch: number | null;
  readonly loss: number | null;
  readonly validationLoss: number | null;
  readonly stopReason: StopReason | null;
  readonly windows: { readonly train: number; readonly validation: number; readonly test: number } | null;
  /** Hash of the feature set that it trains on; null until it is made, or when there are no features. */
  readonly featureSet: string | null;
  readonly metrics: MetricsSummary | null;
  readonly modelSha256: string | null;
  readonly model: { readonly name: string; readonly version: number } | null;
  readonly error: ExecutionError | null;
  readonly progress: ExecutionProgress | null;
  /** Of the newest stored event. */
  readonly sequence: number;
}

/** What the start froze; never changes. */
export interface FrozenRequest {
  readonly overrides: Overrides;
  /** Complete, the dataset version included. */
  readonly parameters: TemplateParameters;
  /** By dotted path, one entry a field. */
  readonly origins: Readonly<Record<string, ParameterOrigin>>;
  /** The model whose weights it begins with; null: none. */
  readonly warmStart: TrainedOrigin | null;
  /** The models that it combines; absent: it is no ensemble. */
  readonly members?: TrainedOrigin[];
  /** The file of an imported model; absent for all others. */
  readonly modelFile?: ModelFileOrigin;
}

export interface Execution extends ExecutionSummary, FrozenRequest {}

/** What a claim hands to the one who will run it. */
export interface ClaimedExecution extends Execution {
  readonly owner: string;
}

export interface StatusChange {
  readonly sequence: number;
  readonly at: string;
  readonly from: ExecutionStatus | null;
  readonly status: ExecutionStatus;
}

export const LOG_LEVELS = ['info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogLine {
  readonly sequence: number;
  readonly at: string;
  readonly level: LogLevel;
  readonly message: string;
}

export interface StoredEpoch extends EpochRecord {
  readonly sequence: number;
  readonly at: string;
}

/** What a person did with an execution. */
export interface Activity {
  readonly at: string;
  readonly actor: string;
  readonly role: Role;
  readonly action: 'started' | 'cancelled' | 'cloned';
  /** Over which door: `http`, `socket`. */
  readonly via: string;
  readonly facts: Readonly<Record<string, unknown>>;
}
