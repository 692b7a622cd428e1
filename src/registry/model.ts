import type { ModelFileOrigin } from '../model-files/index.js';
import type { MetricsSummary, TrainedOrigin } from '../executions/index.js';

export const APPROVAL_STATUSES = ['PendingManualApproval', 'Approved', 'Rejected'] as const;

export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** Who decided what about a model version, when and why. */
export interface ApprovalDecision {
  readonly status: ApprovalStatus;
  readonly actor: string;
  readonly reason: string | null;
  readonly at: string;
}

/** Where a model version comes from. */
export interface Lineage {
  readonly executionId: string;
  readonly templateId: string;
  readonly templateVersion: number;
  readonly datasetId: string;
  readonly datasetVersion: number;
  /** SHA-256 over the content of the dataset version. */
  readonly datasetContentHash: string;
  /** Hash of the feature set; null without features, and absent in versions registered before there were any. */
  readonly featureSet?: string | null;
  /** The model whose weights its training began with; null or absent: none. */
  readonly warmStart?: TrainedOrigin | null;
  /** What an ensemble combines; absent for all others. */
  readonly members?: TrainedOrigin[];
  /** The file of an imported model; absent for all others. */
  readonly modelFile?: ModelFileOrigin;
}

/** What training hands over; everything in it is immutable. */
export interface ModelRegistration extends Lineage {
  /** Name of the model group. */
  readonly model: string;
  readonly algorithm: string;
  readonly targets: readonly string[];
  readonly lookBack: number;
  readonly horizon: number;
  readonly metrics: MetricsSummary;
  /** SHA-256 of the canonical model state. */
  readonly modelSha256: string;
  /** Owner of the artifacts in the artifact store. */
  readonly artifactOwner: string;
  readonly artifacts: readonly string[];
}

/** What people write to a model or a version so that others find and understand it. */
export interface Description {
  readonly description: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** One immutable trained result; only its approval and its description change. */
export interface ModelVersion extends ModelRegistration, Description {
  readonly version: number;
  readonly approval: ApprovalStatus;
  /** Oldest first. */
  readonly decisions: readonly ApprovalDecision[];
  readonly createdAt: string;
}

interface ManualApproval {
  readonly kind: 'manual';
}

/** What the test part must show for a version to be approved without anybody. */
export interface AutomaticApproval {
  readonly kind: 'automatic';
  /** Smallest skill on MAE, against the naive and against the seasonal-naive forecast, 0…1. */
  readonly minimumSkill: number;
  /** How much less than promised the intervals may hold: 0.05 lets 75 % pass for 80 %. Null: not asked. */
  readonly coverageTolerance: number | null;
  /** The alias whose version must be beaten, on the same data; null: none. */
  readonly beats: string | null;
  /** The alias that an approved version gets; endpoints that follow it are updated. Null: none. */
  readonly thenAlias: string | null;
}

export type ApprovalPolicy = ManualApproval | AutomaticApproval;

export const MANUAL: ManualApproval = { kind: 'manual' };

/** A group of versions. */
export interface Model extends Description {
  readonly name: string;
  readonly latestVersion: number;
  readonly policy: ApprovalPolicy;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Of the name of an alias. */
export const ALIAS_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** A name that points to one version and can be moved to another: `champion`, `challenger`. */
export interface ModelAlias {
  readonly alias: string;
  readonly version: number;
  readonly setBy: string;
  readonly setAt: string;
}
