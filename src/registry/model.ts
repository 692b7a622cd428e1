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

/** One immutable trained result; only its approval changes. */
export interface ModelVersion extends ModelRegistration {
  readonly version: number;
  readonly approval: ApprovalStatus;
  /** Oldest first. */
  readonly decisions: readonly ApprovalDecision[];
  readonly createdAt: string;
}

/** A group of versions. */
export interface Model {
  readonly name: string;
  readonly latestVersion: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}
