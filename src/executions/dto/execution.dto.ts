import type { ModelFileOrigin } from '../../model-files/index.js';
import { MODEL_FILE_FORMATS, type ModelFileFormat } from '../../ml/import/model-file.js';
import { ApiProperty } from '@nestjs/swagger';
import type { TemplateParameters } from '../../templates/index.js';
import {
  EXECUTION_STATUSES,
  EXECUTION_STEPS,
  type Execution,
  type ExecutionProgress,
  type ExecutionStatus,
  type ExecutionStep,
  type ExecutionSummary,
  type Overrides,
  type ParameterOrigin,
} from '../execution.js';
import type { TrainedOrigin } from '../execution-origins.js';
import { MetricsSummaryDto } from './execution-metrics.dto.js';

export class ExecutionProgressDto implements ExecutionProgress {
  @ApiProperty({ enum: EXECUTION_STEPS })
  step!: ExecutionStep;
  /** 0 to 100 over the whole execution. */
  percent!: number;
  epoch!: number | null;
  epochs!: number | null;
  loss!: number | null;
  validationLoss!: number | null;
  etaSeconds!: number | null;
}

export class ExecutionErrorDto {
  /** From the table of codes; `INTERNAL` is a bug. */
  code!: string;
  message!: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  details!: Readonly<Record<string, unknown>>;
}

export class ModelReferenceDto {
  name!: string;
  version!: number;
}

/** An earlier result that a training is built upon. */
export class TrainedOriginDto implements TrainedOrigin {
  executionId!: string;
  /** The model version it was named by; null when it was named by its execution. */
  model!: ModelReferenceDto | null;
  /** SHA-256 of its canonical model state. */
  modelSha256!: string;
}

/** The file of a model that was trained elsewhere. */
export class ModelFileOriginDto implements ModelFileOrigin {
  /** SHA-256 of its bytes: `/model-files/{sha256}`. */
  sha256!: string;
  name!: string;
  @ApiProperty({ enum: MODEL_FILE_FORMATS })
  format!: ModelFileFormat;
  bytes!: number;
  uploadedBy!: string;
  uploadedAt!: string;
}

export class WindowCountsDto {
  train!: number;
  validation!: number;
  test!: number;
}

export class ExecutionSummaryDto implements ExecutionSummary {
  executionId!: string;
  @ApiProperty({ enum: EXECUTION_STATUSES })
  status!: ExecutionStatus;
  templateId!: string;
  templateName!: string;
  templateVersion!: number;
  datasetId!: string;
  datasetVersion!: number;
  /** SHA-256 over the content of the dataset version. */
  datasetContentHash!: string;
  algorithm!: string;
  seed!: number;
  /** The requested engine until training starts, then the one that runs. */
  engine!: string;
  codeVersion!: string;
  /** SHA-256 over parameters, data and code version: equal ones on one engine give equal model bytes. */
  fingerprint!: string;
  clonedFrom!: string | null;
  createdBy!: string;
  createdAt!: string;
  startedAt!: string | null;
  finishedAt!: string | null;
  /** Somebody has asked a running execution to end. */
  cancelRequested!: boolean;
  /** Runs so far: 1 for an execution that was never interrupted. */
  attempt!: number;
  interruptions!: number;
  /** Epoch of the last checkpoint, from which an interrupted execution resumes. */
  checkpointEpoch!: number | null;
  runtimeMs!: number;
  /** Epochs run, or solver iterations. */
  iterations!: number | null;
  bestEpoch!: number | null;
  /** Mean squared error in scaled units. */
  loss!: number | null;
  validationLoss!: number | null;
  @ApiProperty({ enum: ['completed', 'early-stopping', 'budget'], nullable: true })
  stopReason!: ExecutionSummary['stopReason'];
  windows!: WindowCountsDto | null;
  /** Hash of the feature set that it trains on: `/feature-sets/{hash}`. */
  featureSet!: string | null;
  metrics!: MetricsSummaryDto | null;
  /** SHA-256 of the canonical model state. */
  modelSha256!: string | null;
  /** The registered model version. */
  model!: ModelReferenceDto | null;
  error!: ExecutionErrorDto | null;
  progress!: ExecutionProgressDto | null;
  /** Number of the newest stored event: what `afterSequence` of the socket protocol counts. */
  sequence!: number;
}

export class ExecutionDto extends ExecutionSummaryDto implements Execution {
  /** As they were given. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  overrides!: Overrides;
  /** Complete, as frozen at the start: the template's fields with defaults, overrides and the dataset version. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  parameters!: TemplateParameters;
  /** Where each value comes from, by dotted field path. `frozen`: left open by the template, fixed by the start. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['default', 'template', 'override', 'frozen'] },
  })
  origins!: Readonly<Record<string, ParameterOrigin>>;
  /** The model whose weights it begins with, copied when it was started; null: none. */
  warmStart!: TrainedOriginDto | null;
  /** What an ensemble combines, copied when it was started; absent for all others. */
  members?: TrainedOriginDto[];
  /** The file of an imported model, copied when it was started; absent for all others. */
  modelFile?: ModelFileOriginDto;
}

export class ExecutionPageDto {
  items!: ExecutionSummaryDto[];
  /** Of the next page; null on the last one. */
  cursor!: string | null;
}
