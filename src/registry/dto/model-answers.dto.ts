import { MODEL_FILE_FORMATS, type ModelFileFormat } from '../../ml/import/model-file.js';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { APPROVAL_STATUSES, type ApprovalStatus } from '../model.js';

/** When new versions are approved. */
export class ApprovalPolicyAnswer {
  @ApiProperty({ enum: ['manual', 'automatic'] })
  kind!: 'manual' | 'automatic';
  minimumSkill?: number;
  @ApiPropertyOptional({ type: Number, nullable: true })
  coverageTolerance?: number | null;
  @ApiPropertyOptional({ type: String, nullable: true })
  beats?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true })
  thenAlias?: string | null;
}

/** A model: a group of versions. */
export class ModelAnswer {
  name!: string;
  /** The highest number given so far. */
  latestVersion!: number;
  policy!: ApprovalPolicyAnswer;
  description!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  tags!: Record<string, string>;
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

/** The file of a model that was trained elsewhere. */
export class ModelFileAnswer {
  /** SHA-256 of its bytes: `/model-files/{sha256}`. */
  sha256!: string;
  name!: string;
  @ApiProperty({ enum: MODEL_FILE_FORMATS })
  format!: ModelFileFormat;
  bytes!: number;
  uploadedBy!: string;
  uploadedAt!: string;
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
  /** What an ensemble combines; absent for all others. */
  members?: WarmStartAnswer[];
  /** The file of an imported model; absent for all others. */
  modelFile?: ModelFileAnswer;
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
  description!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  tags!: Record<string, string>;
  createdAt!: string;
}

/** A name that points to one version. */
export class ModelAliasAnswer {
  alias!: string;
  version!: number;
  setBy!: string;
  setAt!: string;
}

/** One version on one production endpoint, over the time it was there. */
export class ProductionPeriodAnswer {
  endpoint!: string;
  version!: number;
  from!: string;
  /** Null: still there. */
  until!: string | null;
  deployedBy!: string;
  reason!: string | null;
  /** What had been decided about the version by the time asked for. */
  @ApiProperty({ type: ApprovalDecisionAnswer, nullable: true })
  approval!: ApprovalDecisionAnswer | null;
}

/** One value of each version, in their order. */
export class ComparedFieldAnswer {
  path!: string;
  @ApiProperty({ type: 'array', items: {} })
  values!: unknown[];
}

/** One score of each version, in their order. */
export class ComparedMetricAnswer {
  path!: string;
  @ApiProperty({ type: 'array', items: { type: 'number', nullable: true } })
  values!: (number | null)[];
  /** Positions of the best; empty where the versions were not tested on the same windows. */
  best!: number[];
}

/** Versions side by side. */
export class ModelComparisonAnswer {
  versions!: ModelVersionAnswer[];
  metrics!: ComparedMetricAnswer[];
  /** Whether the errors are of the same windows of the same data. */
  isSameTest!: boolean;
  /** Parameters that differ. */
  parameters!: ComparedFieldAnswer[];
  /** Dataset, features and shape that differ. */
  data!: ComparedFieldAnswer[];
  /** Paths of the pictures below `/api/v1`, null where a version has none. */
  pictures!: ComparedFieldAnswer[];
}

/** One page of versions, newest first. */
export class ModelVersionPage {
  items!: ModelVersionAnswer[];
  /** For the next page; null on the last. */
  cursor!: string | null;
}
