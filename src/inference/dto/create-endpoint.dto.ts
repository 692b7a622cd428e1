import { ApiPropertyOptional } from '@nestjs/swagger';
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
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import { ALIAS_NAME } from '../../registry/index.js';
import { ENDPOINT_STAGES, type EndpointStage } from '../endpoint.js';

const YEAR_SECONDS = 365 * 24 * 3600;
const MAXIMUM_VARIANTS = 10;
const MAXIMUM_WEIGHT = 1_000_000;

/** The form that SageMaker's clients take for names of endpoints and variants. */
const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

/** A version that is to forecast the same inputs, and to answer nobody. */
export class ShadowRequestDto {
  /** The version; without it that of the alias, and without both the newest. */
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** The alias to follow: when it moves, the endpoint is updated in place. */
  @IsOptional()
  @Matches(ALIAS_NAME)
  alias?: string;
}

/** A version that is to answer its share of the requests. */
export class VariantRequestDto extends ShadowRequestDto {
  /** Letters, digits and inner hyphens, at most 63. */
  @Matches(NAME, { message: 'name must be 1 to 63 letters, digits and inner hyphens' })
  name!: string;

  /** Its share is weight / sum of the weights; of 0 it answers only who names it. */
  @IsNumber()
  @Min(0)
  @Max(MAXIMUM_WEIGHT)
  weight!: number;
}

/** What creation and update say alike. */
class EndpointSettings {
  /** All versions that answer, with their weights; instead of `version` and `alias`. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAXIMUM_VARIANTS)
  @ValidateNested({ each: true })
  @Type(() => VariantRequestDto)
  variants?: VariantRequestDto[];

  /** `production` takes approved versions only; at first `staging`. */
  @IsOptional()
  @IsIn(ENDPOINT_STAGES)
  stage?: EndpointStage;

  /** Never reaped, and loaded when the service starts. */
  @IsOptional()
  @IsBoolean()
  keepWarm?: boolean;

  /** Share of the predictions that is stored, drawn at random; at first 1. What is not stored is not monitored. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  storedShare?: number;
}

/** A deployment to make. */
export class CreateEndpoint extends EndpointSettings {
  /** Letters, digits and inner hyphens, at most 63 (the form SageMaker's clients take). */
  @Matches(NAME, { message: 'name must be 1 to 63 letters, digits and inner hyphens' })
  name!: string;

  /** The model group. */
  @IsString()
  @MaxLength(200)
  model!: string;

  /** The version; without it that of the alias, and without both the newest. */
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** The alias to follow: when it moves, the endpoint is updated in place. */
  @IsOptional()
  @Matches(ALIAS_NAME)
  alias?: string;

  /** A version that forecasts the same inputs, and whose predictions are only kept. */
  @IsOptional()
  @ValidateNested()
  @Type(() => ShadowRequestDto)
  shadow?: ShadowRequestDto;

  /** Seconds without a forecast after which it is reaped; without it the installation's. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(YEAR_SECONDS)
  idleSeconds?: number;
}

/** What is to change of an endpoint; what is left out stays. */
export class UpdateEndpoint extends EndpointSettings {
  /** Another model, whose newest version is taken where none is given. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  model?: string;

  /** The version that answers all requests from now on. */
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** The alias to follow from now on; null to follow none. */
  @ValidateIf(({ alias }: UpdateEndpoint) => alias !== undefined && alias !== null)
  @Matches(ALIAS_NAME)
  alias?: string | null;

  /** Null for none. */
  @ApiPropertyOptional({ type: () => ShadowRequestDto, nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => ShadowRequestDto)
  shadow?: ShadowRequestDto | null;

  /** Null for the installation's. */
  @ValidateIf(({ idleSeconds }: UpdateEndpoint) => idleSeconds !== undefined && idleSeconds !== null)
  @IsInt()
  @Min(1)
  @Max(YEAR_SECONDS)
  idleSeconds?: number | null;

  /** Why; kept in the history. */
  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  reason?: string;
}
