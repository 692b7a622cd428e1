import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, ValidateIf } from 'class-validator';

import { ALIAS_NAME } from '../../registry/index.js';
import { ENDPOINT_STAGES, type EndpointStage } from '../endpoint.js';

const YEAR_SECONDS = 365 * 24 * 3600;

/** A deployment to make. */
export class CreateEndpoint {
  /** Letters, digits and inner hyphens, at most 63 (the form SageMaker's clients take). */
  @Matches(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/, {
    message: 'name must be 1 to 63 letters, digits and inner hyphens',
  })
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

  /** `production` takes approved versions only; default `staging`. */
  @IsOptional()
  @IsIn(ENDPOINT_STAGES)
  stage?: EndpointStage;

  /** Seconds without a forecast after which it is reaped; without it the installation's. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(YEAR_SECONDS)
  idleSeconds?: number;
}

/** What is to change of an endpoint; what is left out stays. */
export class UpdateEndpoint {
  /** Another model, whose newest version is taken where none is given. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  model?: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** The alias to follow from now on; null to follow none. */
  @ValidateIf(({ alias }: UpdateEndpoint) => alias !== undefined && alias !== null)
  @Matches(ALIAS_NAME)
  alias?: string | null;

  @IsOptional()
  @IsIn(ENDPOINT_STAGES)
  stage?: EndpointStage;

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
