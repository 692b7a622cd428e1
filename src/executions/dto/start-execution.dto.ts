import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsObject, IsOptional, IsString, MaxLength, Min, MinLength } from 'class-validator';
import type { Overrides } from '../execution.js';

const OVERRIDES = {
  type: 'object',
  additionalProperties: true,
  description:
    "Any of the template's fields, nested as they are there; lists are replaced as a whole. Both these and the " +
    'resulting parameters are kept, with the origin of every field.',
  example: { windows: { horizon: 48 }, training: { seed: 7 } },
} as const;

export class StartExecutionDto {
  /** The template to run. */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  templateId!: string;

  /** Its version; without it, the newest. */
  @IsOptional()
  @IsInt()
  @Min(1)
  templateVersion?: number;

  @IsOptional()
  @IsObject()
  @ApiProperty(OVERRIDES)
  overrides?: Overrides;
}

export class CloneExecutionDto {
  @IsOptional()
  @IsObject()
  @ApiProperty({ ...OVERRIDES, description: `Over those of the source. ${OVERRIDES.description}` })
  overrides?: Overrides;
}
