import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { DRIFT_KINDS, type DriftKind, type MonitorSettings } from '../monitor.js';

const DAY_MINUTES = 24 * 60;
const YEAR_HOURS = 366 * 24;

/** A training on the newest data, by the template version and the overrides of the version that drifted. */
export class RetrainRequest {
  /** Which drift it answers; default both. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(DRIFT_KINDS.length)
  @IsIn(DRIFT_KINDS, { each: true })
  @ApiProperty({ enum: DRIFT_KINDS, isArray: true, required: false })
  on?: DriftKind[];

  /** Between the starts of two retrainings; default 24. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(YEAR_HOURS)
  minimumHours?: number;

  /** Goes on from the weights of the version that drifted; default false. */
  @IsOptional()
  @IsBoolean()
  warmStart?: boolean;
}

/** When an endpoint is looked at, and what counts as drift. */
export class PutMonitor {
  /** Cron expression of five or six fields, in UTC; takes the place of `everyMinutes`. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  cron?: string;

  /** Default 60. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(366 * DAY_MINUTES)
  everyMinutes?: number;

  /** Predictions made in these last hours count, at most the newest thousand; default 168. */
  @IsOptional()
  @IsNumber()
  @Min(0.01)
  @Max(YEAR_HOURS)
  windowHours?: number;

  /** Smallest population stability index of an input that is drift; default 0.2. */
  @IsOptional()
  @IsNumber()
  @Min(0.001)
  @Max(100)
  psi?: number;

  /** Largest p-value that is, divided by the number of comparisons of a run; default 0.01. */
  @IsOptional()
  @IsNumber()
  @Min(1e-12)
  @Max(0.5)
  significance?: number;

  /** Smallest recent error / error of the test part that is drift; default 1.5. */
  @IsOptional()
  @IsNumber()
  @Min(1)
  @Max(1_000_000)
  errorRatio?: number;

  /** Values of an input with fewer of which nothing is said; default 100. */
  @IsOptional()
  @IsInt()
  @Min(10)
  @Max(100_000)
  minimumSamples?: number;

  /** Forecasts of different origins with fewer of which nothing is said of the error; default 20. */
  @IsOptional()
  @IsInt()
  @Min(2)
  @Max(1_000)
  minimumForecasts?: number;

  /** Without it drift is told, and nothing is started. */
  @IsOptional()
  @ValidateNested()
  @Type(() => RetrainRequest)
  retrain?: RetrainRequest;
}

export function settingsOf(request: PutMonitor): MonitorSettings {
  const { retrain } = request;
  return {
    cron: request.cron ?? null,
    everyMinutes: request.cron === undefined ? (request.everyMinutes ?? 60) : null,
    windowHours: request.windowHours ?? 168,
    psi: request.psi ?? 0.2,
    significance: request.significance ?? 0.01,
    errorRatio: request.errorRatio ?? 1.5,
    minimumSamples: request.minimumSamples ?? 100,
    minimumForecasts: request.minimumForecasts ?? 20,
    retrain:
      retrain === undefined
        ? null
        : {
            on: retrain.on ?? DRIFT_KINDS,
            minimumHours: retrain.minimumHours ?? 24,
            warmStart: retrain.warmStart ?? false,
          },
  };
}
