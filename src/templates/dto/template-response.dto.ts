import { ApiProperty } from '@nestjs/swagger';
import type { FieldOrigin } from '../template-parameters.js';
import { TemplateParametersDto } from './parameters/template-parameters.dto.js';

const ANY_LEAF = {
  nullable: true,
  oneOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'string' }, { type: 'array', items: {} }],
};

/** A line of the list. */
export class TemplateSummaryDto {
  templateId!: string;

  name!: string;

  /** Number of the newest version. */
  version!: number;

  /** Name of the algorithm. */
  algorithm!: string;

  /** Ids of the assets it forecasts. */
  targets!: string[];

  datasetId!: string;

  /** When the first version was made. ISO 8601. */
  createdAt!: string;

  /** When the newest version was made. ISO 8601. */
  updatedAt!: string;

  /** Who made the newest version. */
  updatedBy!: string;
}

export class TemplatePageDto {
  items!: TemplateSummaryDto[];

  /** Of the next page; null on the last. */
  @ApiProperty({ type: 'string', nullable: true })
  cursor!: string | null;
}

/** One immutable version of a template. */
export class TemplateVersionDto {
  templateId!: string;

  /** From 1, counted up with every edit. */
  version!: number;

  name!: string;

  description!: string;

  /** The fields that the author wrote. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  given!: object;

  /** All fields, with the defaults of the day the version was made. */
  @ApiProperty({ type: () => TemplateParametersDto })
  parameters!: object;

  /** By dotted field path: whether a value is the author's or a default. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['default', 'template'] },
    example: { 'windows.horizon': 'template', 'windows.lookBack': 'default' },
  })
  origins!: Readonly<Record<string, FieldOrigin>>;

  /** What is allowed and probably not meant. */
  warnings!: string[];

  /** When this version was made. ISO 8601. */
  createdAt!: string;

  /** Who made this version. */
  createdBy!: string;
}

export class TemplateVersionSummaryDto {
  version!: number;

  name!: string;

  description!: string;

  /** Name of the algorithm. */
  algorithm!: string;

  /** When this version was made. ISO 8601. */
  createdAt!: string;

  /** Who made this version. */
  createdBy!: string;
}

export class TemplateVersionPageDto {
  items!: TemplateVersionSummaryDto[];

  /** Of the next page; null on the last. */
  @ApiProperty({ type: 'string', nullable: true })
  cursor!: string | null;
}

export class FieldDifferenceDto {
  /** Dotted field path: `windows.horizon`, or `name` or `description`. */
  path!: string;

  change!: 'added' | 'removed' | 'changed';

  /** Missing where the field was added. */
  @ApiProperty({ required: false, ...ANY_LEAF })
  from?: unknown;

  /** Missing where the field was removed. */
  @ApiProperty({ required: false, ...ANY_LEAF })
  to?: unknown;
}

/** What a change of version changes in effect; a default that was merely written down is no difference. */
export class TemplateDiffDto {
  templateId!: string;

  from!: number;

  to!: number;

  /** In order of their paths. */
  differences!: FieldDifferenceDto[];
}
