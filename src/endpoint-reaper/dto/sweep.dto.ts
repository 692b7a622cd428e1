import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

/** How to sweep. */
export class SweepQuery {
  /** Only says what would be done. */
  @IsOptional()
  @IsIn(['true', 'false'])
  dryRun?: 'true' | 'false';
}

/** What was decided about one endpoint, and why. */
export class SweptEndpointAnswer {
  endpoint!: string;
  /** When it was decided on. */
  status!: string;
  @ApiProperty({ enum: ['keep', 'reap', 'clean'] })
  action!: string;
  reason!: string;
  /** `decided` in a dry run; `overtaken` when it was used or changed after the decision, and stays. */
  @ApiProperty({ enum: ['kept', 'decided', 'done', 'overtaken'] })
  outcome!: string;
}

/** One look at all endpoints. */
export class SweepAnswer {
  isDryRun!: boolean;
  at!: string;
  endpoints!: SweptEndpointAnswer[];
  /** False when another process took over before the end. */
  isComplete!: boolean;
}
