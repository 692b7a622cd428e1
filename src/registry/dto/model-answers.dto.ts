import { ApiProperty } from '@nestjs/swagger';
import { APPROVAL_STATUSES, type ApprovalStatus } from '../model.js';

/** A model: a group of versions. */
export class ModelAnswer {
  name!: string;
  /** The highest number given so far. */
  latestVersion!: number;
  createdAt!: string;
  updatedAt!: string;
}

/** One page of models, newest first. */
export class ModelPage {
  items!: ModelAnswer[];
  /** For the next page; null on the last. */
  cursor!: string | null;
}

/** Who decided what about a version, when and why. */
export class ApprovalDecisionAnswer {
  @ApiProperty({ enum: APPROVAL_STATUSES })
  status!: ApprovalStatus;
  actor!: string;
  reason!: string | null;
  at!: string;
}

/** A model version by its name and number. */
export class ModelVersionReference {
  name!: string;
  version!: number;
}

/** The model that a training went on from. */
export class WarmStartAnswer {
  executionId!: string;
  /** The version it was named by; null when it was named by its execution. */
  model!: ModelVersionReference | null;
  /** SHA-256 of its canonical model state. */
  modelSha256!: string;
}

/** An immutable trained result with its lineage. */
export class ModelVersionAnswer {
  /** Name of the model group. */
  model!: string;
  version!: number;
  algorithm!: string;
  /** Assets it forecasts. */
  targets!: string[];
  /** Rows a forecast looks back on. */
  lookBack!: number;
  /** Steps it forecasts at once. */
  horizon!: number;
  executionId!: string;
  templateId!: string;
  templateVersion!: number;
  datasetId!: string;
  datasetVersion!: number;
  /** SHA-256 over the content of the dataset version. */
  datasetContentHash!: string;
  /** Hash of the feature set that it was trained on: `/feature-sets/{hash}`. */
  featureSet!: string | null;
  /** The model whose weights its training began with; null: none. */
  warmStart!: WarmStartAnswer | null;
  /** Scores on validation and test beside both baselines; the execution's report has all of them. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  metrics!: object;
  /** SHA-256 of the canonical model state. */
  modelSha256!: string;
  /** Names of the artifacts, read at the execution. */
  artifacts!: string[];
  artifactOwner!: string;
  @ApiProperty({ enum: APPROVAL_STATUSES })
  approval!: ApprovalStatus;
  /** Oldest first. */
  decisions!: ApprovalDecisionAnswer[];
  createdAt!: string;
}

/** One page of versions, newest first. */
export class ModelVersionPage {
  items!: ModelVersionAnswer[];
  /** For the next page; null on the last. */
  cursor!: string | null;
}
