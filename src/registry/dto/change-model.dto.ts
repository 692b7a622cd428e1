import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ALIAS_NAME } from '../model.js';
import { IsTags } from './is-tags.js';

/** What people write to a model or a version. */
export class ChangeDescription {
  /** Empty removes it. */
  @IsOptional()
  @IsString()
  @MaxLength(10_000)
  description?: string;

  /** Replaces all tags: up to 50 of 1 to 128 characters, values up to 256. */
  @IsOptional()
  @IsTags()
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  tags?: Record<string, string>;
}

/** When a new version of the model is approved. */
export class ApprovalPolicyDto {
  /** `manual`: when somebody approves it. `automatic`: when its test part passes all of what follows. */
  @IsIn(['manual', 'automatic'])
  kind!: 'manual' | 'automatic';

  /** Smallest skill on MAE against both baselines, 0…1; default 0. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  minimumSkill?: number;

  /** How much less than promised the intervals may hold, 0…1; without it they are not asked. */
  @ValidateIf(
    ({ coverageTolerance }: ApprovalPolicyDto) => coverageTolerance !== undefined && coverageTolerance !== null,
  )
  @IsNumber()
  @Min(0)
  @Max(1)
  coverageTolerance?: number | null;

  /** The alias whose version must be beaten on the same test windows; null for none; default `champion`. */
  @ValidateIf(({ beats }: ApprovalPolicyDto) => beats !== undefined && beats !== null)
  @Matches(ALIAS_NAME)
  beats?: string | null;

  /** The alias that an approved version gets; endpoints that follow it are updated. Default: none. */
  @ValidateIf(({ thenAlias }: ApprovalPolicyDto) => thenAlias !== undefined && thenAlias !== null)
  @Matches(ALIAS_NAME)
  thenAlias?: string | null;
}

/** What is to change of a model. */
export class ChangeModel extends ChangeDescription {
  @IsOptional()
  @ValidateNested()
  @Type(() => ApprovalPolicyDto)
  policy?: ApprovalPolicyDto;
}

/** Where an alias is to point. */
export class SetAlias {
  @IsInt()
  @Min(1)
  version!: number;

  /** Why; kept in the history. */
  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  reason?: string;
}

/** Which versions to compare. */
export class CompareQuery {
  /** Numbers of 2 to 10 versions, comma separated. */
  @Transform(({ value }) => (typeof value === 'string' ? value.split(',').map(Number) : (value as unknown)))
  @IsArray()
  @ArrayUnique()
  @ArrayMinSize(2)
  @ArrayMaxSize(10)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @ApiProperty({ type: String, example: '3,5' })
  versions!: number[];
}

/** When to look at production. */
export class ProductionQuery {
  /** ISO 8601; without it now. */
  @IsOptional()
  @IsISO8601()
  at?: string;
}
