import { IsOptional, IsString } from 'class-validator';
import { PageQuery } from '../../common/http/index.js';

/** Which feature sets to list. */
export class ListFeatureSetsQuery extends PageQuery {
  /** Only those that executions over this dataset used. */
  @IsOptional()
  @IsString()
  datasetId?: string;
}

/** The columns that the feature steps of a plan make from one dataset version. */
export class FeatureSetSummaryDto {
  /** SHA-256 over the dataset version, the steps with their parameters and code versions, and what the steps see. */
  hash!: string;
  /** SHA-256 over the content of the dataset version. */
  datasetContentHash!: string;
  rows!: number;
  /** First and last time of the common axis. */
  start!: string;
  end!: string;
  columnCount!: number;
  /** Feature steps. */
  steps!: string[];
  createdAt!: string;
  /** The execution that made it first. */
  createdBy!: string;
  /** When an execution used it last. */
  usedAt!: string;
}

/** One column with a summary of its values; all but the counts are null when it has none. */
export class FeatureSetColumnDto {
  name!: string;
  /** Null for columns that depend on the time axis only. */
  asset!: string | null;
  step!: string;
  /** Address of the stored block: SHA-256 over the step and everything it sees. */
  block!: string;
  /** Whether it was kept when the set was made; false where computing takes less time than reading. */
  stored!: boolean;
  count!: number;
  missing!: number;
  mean!: number | null;
  /** Sample standard deviation. */
  std!: number | null;
  min!: number | null;
  max!: number | null;
}

/** An execution that used the set. */
export class FeatureSetUsageDto {
  executionId!: string;
  datasetId!: string;
  datasetVersion!: number;
  usedAt!: string;
}

export class FeatureSetDto extends FeatureSetSummaryDto {
  columns!: FeatureSetColumnDto[];
  /** At most fifty; `/feature-sets/{hash}/executions` has all. */
  executions!: FeatureSetUsageDto[];
}

export class FeatureSetPageDto {
  items!: FeatureSetSummaryDto[];
  /** Of the next page; null on the last one. */
  cursor!: string | null;
}

export class FeatureSetUsagePageDto {
  items!: FeatureSetUsageDto[];
  /** Of the next page; null on the last one. */
  cursor!: string | null;
}
