import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional } from 'class-validator';
import { METRIC_GROUPS, type MetricGroup } from '../live-metrics.service.js';

/** Of which predictions, and how they are grouped. */
export class MetricsQuery {
  /** ISO 8601: predictions made at or after it. Default: a week before `to`. */
  @IsOptional()
  @IsISO8601({ strict: true })
  from?: string;

  /** ISO 8601: predictions made before it. Default: now. */
  @IsOptional()
  @IsISO8601({ strict: true })
  to?: string;

  /** Default `day`. */
  @IsOptional()
  @IsIn(METRIC_GROUPS)
  by?: MetricGroup = 'day';
}

export class NaiveErrorAnswer {
  count!: number;
  mae!: number;
  rmse!: number;
}

/** 1 − error / error of the naive forecast; null where that makes no error. */
export class LiveSkillAnswer {
  @ApiProperty({ type: Number, nullable: true })
  mae!: number | null;
  @ApiProperty({ type: Number, nullable: true })
  rmse!: number | null;
}

export class LiveCoverageAnswer {
  /** What was promised, 0…1. */
  coverage!: number;
  count!: number;
  /** Share of the values that came inside. */
  covered!: number;
  meanWidth!: number;
}

export class LiveDirectionsAnswer {
  /** Changes whose both ends were observed. */
  count!: number;
  accuracy!: number;
  logLoss!: number;
  brier!: number;
}

export class LiveMetricsAnswer {
  /** Forecast values whose actual is known. */
  count!: number;
  /** Original units; null where no values were forecast. */
  @ApiProperty({ type: Number, nullable: true })
  mae!: number | null;
  @ApiProperty({ type: Number, nullable: true })
  rmse!: number | null;
  /** Of repeating the last value of the window. */
  @ApiProperty({ type: NaiveErrorAnswer, nullable: true })
  naive!: NaiveErrorAnswer | null;
  @ApiProperty({ type: LiveSkillAnswer, nullable: true })
  skill!: LiveSkillAnswer | null;
  /** Share of the changes from the origin whose sign was forecast. */
  @ApiProperty({ type: Number, nullable: true })
  hitRate!: number | null;
  intervals!: LiveCoverageAnswer[];
  /** Of models that tell directions. */
  @ApiProperty({ type: LiveDirectionsAnswer, nullable: true })
  direction!: LiveDirectionsAnswer | null;
}

export class GroupedMetricsAnswer extends LiveMetricsAnswer {
  /** A day, an hour, `model/version`, a variant, a step from 1, or an asset. */
  key!: string;
}

export class ScoredPredictionsAnswer extends LiveMetricsAnswer {
  groups!: GroupedMetricsAnswer[];
}

/** What the forecasts of an endpoint were worth. */
export class EndpointMetricsAnswer extends ScoredPredictionsAnswer {
  endpoint!: string;
  from!: string;
  to!: string;
  @ApiProperty({ enum: METRIC_GROUPS })
  by!: MetricGroup;
  /** Predictions of the period that were read. */
  predictions!: number;
  /** True where the period has more: those read are up to fifty of each hundredth of it. */
  isSample!: boolean;
  /** Of predictions that nobody was answered with; null where there are none. */
  @ApiProperty({ type: ScoredPredictionsAnswer, nullable: true })
  shadow!: ScoredPredictionsAnswer | null;
}
