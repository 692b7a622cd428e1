import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsObject, IsString, MaxLength, Min } from 'class-validator';
import { Omissible } from './parameters/field-rules.js';

/** A template as a person writes it. */
export class TemplateDraftDto {
  /** What people call it; need not be unique. */
  @MaxLength(200)
  @IsNotEmpty()
  @IsString()
  name!: string;

  /** What it is for. */
  @Omissible()
  @MaxLength(4_000)
  @IsString()
  description?: string = '';

  /**
   * Whatever is left out takes its default. Kept as it is given here, so that it stays known which fields were chosen;
   * the service fills in the defaults and checks every field.
   */
  @Transform(({ obj }: { obj: Record<string, unknown> }) => obj.parameters)
  @IsObject()
  @ApiProperty({ oneOf: [{ $ref: getSchemaPath('TemplateParametersDto') }] })
  parameters!: object;
}

export class CloneTemplateDto {
  /** Name of the copy; without it the old name with "(copy)". */
  @Omissible()
  @MaxLength(200)
  @IsNotEmpty()
  @IsString()
  name?: string;

  /** Version to copy; without it the newest. */
  @Omissible()
  @Min(1)
  @IsInt()
  version?: number;
}

export class TemplateVersionPath {
  /** Id of the template. */
  @IsString()
  templateId!: string;

  /** Number of the version, from 1. */
  @Min(1)
  @IsInt()
  @Type(() => Number)
  version!: number;
}

export class DiffQuery {
  /** Number of the version to start from. */
  @Min(1)
  @IsInt()
  @Type(() => Number)
  from!: number;

  /** Number of the version to compare with it. */
  @Min(1)
  @IsInt()
  @Type(() => Number)
  to!: number;
}
