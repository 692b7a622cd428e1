import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { BATCH_STATUSES, type BatchForecast, type BatchStatus } from '../batch-forecast.js';

/** What to forecast; what is left out is fixed when it is asked for. */
export class CreateBatchForecast {
  /** The endpoint whose version forecasts; or `model`. */
  @IsOptional()
  @IsString()
  @MaxLength(63)
  endpoint?: string;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  model?: string;

  /** Of the model; without it the endpoint's, or the newest. */
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** Default: the model's own. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  datasetId?: string;

  /** Default: the newest. */
  @IsOptional()
  @IsInt()
  @Min(1)
  datasetVersion?: number;

  /** First origin, ISO 8601; default: the first row. */
  @IsOptional()
  @IsISO8601({ strict: true })
  from?: string;

  /** Last origin, ISO 8601; default: the last row. */
  @IsOptional()
  @IsISO8601({ strict: true })
  to?: string;

  /** Rows from one origin to the next; default 1. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  stride?: number;

  /** Of the model's targets; default all. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10_000)
  @IsString({ each: true })
  assets?: string[];
}

export class BatchRequestAnswer {
  @ApiProperty({ type: String, nullable: true })
  endpoint!: string | null;
  model!: string;
  modelVersion!: number;
  datasetId!: string;
  datasetVersion!: number;
  @ApiProperty({ type: String, nullable: true })
  from!: string | null;
  @ApiProperty({ type: String, nullable: true })
  to!: string | null;
  stride!: number;
  assets!: string[];
}

export class BatchCountsAnswer {
  origins!: number;
  /** Forecast or skipped so far. */
  done!: number;
  skipped!: number;
}

export class SkippedOriginAnswer {
  origin!: string;
  code!: string;
  message!: string;
}

export class BatchFailureAnswer {
  code!: string;
  message!: string;
}

/** Forecasts from many origins of one dataset version. */
export class BatchForecastAnswer {
  batchId!: string;
  @ApiProperty({ enum: BATCH_STATUSES })
  status!: BatchStatus;
  request!: BatchRequestAnswer;
  /** Null before it began. */
  @ApiProperty({ type: BatchCountsAnswer, nullable: true })
  counts!: BatchCountsAnswer | null;
  /** The first origin that nothing could be forecast from; null for none. */
  @ApiProperty({ type: SkippedOriginAnswer, nullable: true })
  firstSkipped!: SkippedOriginAnswer | null;
  /** Of the result, once it has succeeded. */
  @ApiProperty({ type: Number, nullable: true })
  rows!: number | null;
  @ApiProperty({ type: BatchFailureAnswer, nullable: true })
  error!: BatchFailureAnswer | null;
  /** How often a process that ran it died. */
  interruptions!: number;
  createdBy!: string;
  createdAt!: string;
  @ApiProperty({ type: String, nullable: true })
  finishedAt!: string | null;
}

/** One page of batch forecasts, newest first. */
export class BatchForecastPage {
  items!: BatchForecastAnswer[];
  /** For the next page; null on the last. */
  cursor!: string | null;
}

/** A batch forecast without how it is stored. */
export function presentBatch(batch: BatchForecast): BatchForecast {
  const { batchId, status, request, counts, firstSkipped, rows, error } = batch;
  const { interruptions, createdBy, createdAt, finishedAt } = batch;
  return {
    batchId,
    status,
    request,
    counts,
    firstSkipped,
    rows,
    error,
    interruptions,
    createdBy,
    createdAt,
    finishedAt,
  };
}
