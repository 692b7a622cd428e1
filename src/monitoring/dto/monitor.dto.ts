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
import {
  DRIFT_KINDS,
  type DriftKind,
  type DriftStatus,
  type InputSource,
  type Monitor,
  type MonitorSettings,
} from '../monitor.js';

const DAY_MINUTES = 24 * 60;
const YEAR_HOURS = 366 * 24;
const STATUSES: readonly DriftStatus[] = ['unknown', 'ok', 'drifted'];
const SOURCES: readonly InputSource[] = ['predictions', 'dataset'];

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

export class RetrainAnswer {
  @ApiProperty({ enum: DRIFT_KINDS, isArray: true })
  on!: DriftKind[];
  minimumHours!: number;
  warmStart!: boolean;
}

export class MonitorSettingsAnswer {
  @ApiProperty({ type: String, nullable: true })
  cron!: string | null;
  @ApiProperty({ type: Number, nullable: true })
  everyMinutes!: number | null;
  windowHours!: number;
  psi!: number;
  significance!: number;
  errorRatio!: number;
  minimumSamples!: number;
  minimumForecasts!: number;
  @ApiProperty({ type: RetrainAnswer, nullable: true })
  retrain!: RetrainAnswer | null;
}

export class DriftStateAnswer {
  @ApiProperty({ enum: STATUSES })
  status!: DriftStatus;
  /** Of the status. */
  @ApiProperty({ type: String, nullable: true })
  since!: string | null;
  /** The run that found it. */
  @ApiProperty({ type: String, nullable: true })
  runId!: string | null;
}

export class RetrainingAnswer {
  executionId!: string;
  /** The run that it answers. */
  runId!: string;
  startedAt!: string;
  /** Status its execution ended with; null while it goes on. */
  @ApiProperty({ type: String, nullable: true })
  ended!: string | null;
}

/** The watch over one endpoint. */
export class MonitorAnswer {
  endpoint!: string;
  settings!: MonitorSettingsAnswer;
  inputs!: DriftStateAnswer;
  error!: DriftStateAnswer;
  /** The last one; null for none. */
  @ApiProperty({ type: RetrainingAnswer, nullable: true })
  retraining!: RetrainingAnswer | null;
  retrainings!: number;
  @ApiProperty({ type: String, nullable: true })
  lastRunAt!: string | null;
  nextRunAt!: string;
  createdBy!: string;
  createdAt!: string;
}

export class KolmogorovSmirnovAnswer {
  /** Largest distance between both distributions, 0…1. */
  statistic!: number;
  pValue!: number;
}

/** One comparison of an input with the train part. */
export class InputFindingAnswer {
  asset!: string;
  /** The values themselves, or their changes from one row to the next. */
  @ApiProperty({ enum: ['values', 'changes'] })
  of!: 'values' | 'changes';
  /** Windows of predictions, or rows that the dataset got after the model's version. */
  @ApiProperty({ enum: SOURCES })
  source!: InputSource;
  count!: number;
  /** Independent values they are worth. */
  effectiveCount!: number;
  psi!: number;
  ks!: KolmogorovSmirnovAnswer;
  /** Null with too few values to tell. */
  @ApiProperty({ type: Boolean, nullable: true })
  isDrift!: boolean | null;
}

/** One comparison of recent errors with the test part. */
export class ErrorFindingAnswer {
  asset!: string;
  @ApiProperty({ enum: ['mae', 'logLoss'] })
  measure!: 'mae' | 'logLoss';
  /** Forecasts of different origins. */
  count!: number;
  recent!: number;
  reference!: number;
  @ApiProperty({ type: Number, nullable: true })
  ratio!: number | null;
  pValue!: number;
  /** Null with too few forecasts to tell. */
  @ApiProperty({ type: Boolean, nullable: true })
  isDrift!: boolean | null;
}

export class InputFindingsAnswer {
  @ApiProperty({ enum: STATUSES })
  status!: DriftStatus;
  /** Comparisons that could tell. */
  compared!: number;
  /** Drift first, then by index; at most fifty. */
  findings!: InputFindingAnswer[];
}

export class ErrorFindingsAnswer {
  @ApiProperty({ enum: STATUSES })
  status!: DriftStatus;
  compared!: number;
  findings!: ErrorFindingAnswer[];
}

export class DriftFindingsAnswer {
  model!: string;
  modelVersion!: number;
  datasetVersion!: number;
  /** Predictions that were looked at. */
  predictions!: number;
  inputs!: InputFindingsAnswer;
  error!: ErrorFindingsAnswer;
}

export class MonitorFailureAnswer {
  code!: string;
  message!: string;
}

/** One look at an endpoint. */
export class MonitorRunAnswer {
  runId!: string;
  endpoint!: string;
  at!: string;
  /** `schedule`, or who asked. */
  by!: string;
  /** Null where it could not look. */
  @ApiProperty({ type: DriftFindingsAnswer, nullable: true })
  findings!: DriftFindingsAnswer | null;
  @ApiProperty({ type: MonitorFailureAnswer, nullable: true })
  failure!: MonitorFailureAnswer | null;
  /** Events of drift that began or ended with it. */
  told!: string[];
}

/** One page of runs, newest first. */
export class MonitorRunPage {
  items!: MonitorRunAnswer[];
  /** For the next page; null on the last. */
  cursor!: string | null;
}

/** A monitor without how it is stored. */
export function presentMonitor(monitor: Monitor): Omit<Monitor, 'runningUntil'> {
  const { endpoint, settings, inputs, error, retraining, retrainings } = monitor;
  const { lastRunAt, nextRunAt, createdBy, createdAt } = monitor;
  return { endpoint, settings, inputs, error, retraining, retrainings, lastRunAt, nextRunAt, createdBy, createdAt };
}
