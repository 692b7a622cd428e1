import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

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

  /** The version; without it the newest. */
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** Seconds without a forecast after which it is reaped; without it the installation's. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(YEAR_SECONDS)
  idleSeconds?: number;
}
