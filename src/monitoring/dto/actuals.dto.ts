import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsISO8601, IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '../../common/http/index.js';
import { IsSeriesMap } from '../../inference/index.js';
import type { ActualSource } from '../actual.js';

const MAXIMUM_TIMES = 10_000;

/** What came. */
export class PostActuals {
  /** ISO 8601, ascending: a date, or a date and a time with its zone. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAXIMUM_TIMES)
  @IsString({ each: true })
  times!: string[];

  /** For some of the assets that the endpoint forecasts, one value a time; null leaves what is stored. */
  @IsSeriesMap()
  series!: Record<string, (number | null)[]>;
}

export class StoredActuals {
  /** Values. */
  stored!: number;
}

/** Which actuals to list. */
export class ActualsQuery extends PageQuery {
  @IsString()
  @MaxLength(500)
  asset!: string;

  /** ISO 8601, included. */
  @IsOptional()
  @IsISO8601({ strict: true })
  from?: string;

  /** ISO 8601, included. */
  @IsOptional()
  @IsISO8601({ strict: true })
  to?: string;
}

/** One value that came. */
export class ActualAnswer {
  asset!: string;
  time!: string;
  /** Original units. */
  value!: number;
  /** `posted`, or joined from the model's `dataset`. */
  @ApiProperty({ enum: ['posted', 'dataset'] })
  source!: ActualSource;
  /** Of a joined one; null for a posted one. */
  datasetVersion!: number | null;
  recordedBy!: string;
  recordedAt!: string;
}

/** One page of actuals, oldest first. */
export class ActualPage {
  items!: ActualAnswer[];
  /** For the next page; null on the last. */
  cursor!: string | null;
}
