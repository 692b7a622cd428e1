import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsNotEmpty, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';
import { TextList } from './option-lists.js';
import { StepDto } from './dataset.dto.js';

/** Query parameters of a gap table. */
export class GapsQuery {
  /** Ids of the assets: `a,b`, repeated, or a JSON array. Default: the first twenty. */
  @IsOptional()
  @TextList()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  assets?: string[];

  /** Column whose values are looked at, too: a row without one is missing. Default: each asset's first. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  column?: string;

  /** A distance of more steps than this between two rows is a gap. The default lets timestamps jitter. */
  @IsOptional()
  @Type(() => Number)
  @IsNumber()
  @Min(1)
  @Max(1_000_000)
  stepFactor?: number = 1.5;

  /** A gap of more than this share of the series' rows is large. */
  @IsOptional()
  @Type(() => Number)
  @IsNumber()
  @Min(0)
  @Max(1)
  largeShare?: number = 0.1;

  /** At most this many gaps of each asset. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(5_000)
  limit?: number = 500;

  /** Gaps of each asset to leave out at the beginning. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  offset?: number = 0;
}

export class GapDto {
  /** Time of the first missing row, ISO 8601. */
  start!: string;
  /** Time of the last missing row, ISO 8601. */
  end!: string;
  /** Missing rows. */
  rows!: number;
  /** Of all rows that the series should have. */
  share!: number;
  @ApiProperty({ enum: ['small', 'large'] })
  size!: 'small' | 'large';
}

export class AssetGapsDto {
  asset!: string;
  column!: string;
  /** The inferred step; null with fewer than two observed rows. */
  @ApiProperty({ type: StepDto, nullable: true })
  step!: StepDto | null;
  /** False when the rows keep to no step; `step` is then the one a grid for them would have. */
  regular!: boolean;
  observedRows!: number;
  missingRows!: number;
  /** Of all gaps, those not shown included. */
  smallGaps!: number;
  largeGaps!: number;
  /** Missing rows of the longest gap; 0 without one. */
  longestGapRows!: number;
  /** In the order of time, from `offset` on. */
  gaps!: GapDto[];
}

export class GapsDto {
  datasetId!: string;
  version!: number;
  stepFactor!: number;
  largeShare!: number;
  assets!: AssetGapsDto[];
}
