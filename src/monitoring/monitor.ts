import type { DistributionDrift } from '../ml/drift/input-drift.js';
import type { ErrorDrift } from '../ml/drift/error-drift.js';

export const DRIFT_KINDS = ['inputs', 'error'] as const;

/** Of what a model is given, or of how much it errs. */
export type DriftKind = (typeof DRIFT_KINDS)[number];

export interface RetrainAction {
  /** Which drift it answers. */
  readonly on: readonly DriftKind[];
  /** Between two retrainings, from start to start. */
  readonly minimumHours: number;
  /** Goes on from the weights of the version that drifted, where its algorithm can. */
  readonly warmStart: boolean;
}

export interface MonitorSettings {
  /** When it runs: a cron expression in UTC, or every so many minutes. One of the two is null. */
  readonly cron: string | null;
  readonly everyMinutes: number | null;
  readonly windowHours: number;
  readonly psi: number;
  readonly significance: number;
  readonly errorRatio: number;
  readonly minimumSamples: number;
  readonly minimumForecasts: number;
  /** Null: drift is told, and nobody acts on it. */
  readonly retrain: RetrainAction | null;
}

export type DriftStatus = 'unknown' | 'ok' | 'drifted';

export interface DriftState {
  readonly status: DriftStatus;
  /** Of the status; null before the first run that could tell. */
  readonly since: string | null;
  /** The run that found it. */
  readonly runId: string | null;
}

/** A training that drift has started. */
export interface Retraining {
  readonly executionId: string;
  readonly runId: string;
  readonly startedAt: string;
  /** How the execution ended; null while it goes on. */
  readonly ended: string | null;
}

/** The watch over one endpoint. */
export interface Monitor {
  readonly endpoint: string;
  readonly settings: MonitorSettings;
  readonly inputs: DriftState;
  readonly error: DriftState;
  readonly retraining: Retraining | null;
  /** Retrainings so far. */
  readonly retrainings: number;
  readonly lastRunAt: string | null;
  readonly nextRunAt: string;
  /** Until then a run is under way; one that died is over by then. */
  readonly runningUntil: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
}

/** Whence recent inputs are: the windows of predictions, or rows that the dataset got after the model's version. */
export type InputSource = 'predictions' | 'dataset';

export interface InputFinding extends DistributionDrift {
  readonly asset: string;
  /** The values themselves, or their changes from one row to the next. */
  readonly of: 'values' | 'changes';
  readonly source: InputSource;
}

export interface ErrorFinding extends ErrorDrift {
  readonly asset: string;
  /** What is compared with the test part: the mean absolute error, or the log loss of directions. */
  readonly measure: 'mae' | 'logLoss';
}

export interface DriftFindings {
  readonly model: string;
  readonly modelVersion: number;
  /** The newest one, whose rows were looked at. */
  readonly datasetVersion: number;
  /** Predictions that were looked at. */
  readonly predictions: number;
  /** Comparisons that could tell, and those that found drift; the largest index first, at most fifty are kept. */
  readonly inputs: {
    readonly status: DriftStatus;
    readonly compared: number;
    readonly findings: readonly InputFinding[];
  };
  readonly error: {
    readonly status: DriftStatus;
    readonly compared: number;
    readonly findings: readonly ErrorFinding[];
  };
}

/** One look at an endpoint. */
export interface MonitorRun {
  readonly runId: string;
  readonly endpoint: string;
  readonly at: string;
  /** `schedule`, or who asked. */
  readonly by: string;
  /** Null where it could not look. */
  readonly findings: DriftFindings | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** What it told: `drift.inputs`, `drift.error`, `drift.recovered`. */
  readonly told: readonly string[];
}
