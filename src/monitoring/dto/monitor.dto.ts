import { ApiProperty } from '@nestjs/swagger';
import { DRIFT_KINDS, type DriftKind, type DriftStatus, type InputSource, type Monitor } from '../monitor.js';

const STATUSES: readonly DriftStatus[] = ['unknown', 'ok', 'drifted'];
const SOURCES: readonly InputSource[] = ['predictions', 'dataset'];

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
