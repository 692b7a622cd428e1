import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { PageQuery } from '../../common/http/index.js';
import { EXECUTION_STATUSES, LOG_LEVELS, type ExecutionStatus, type LogLevel } from '../execution.js';

/** A time without a zone would mean something else on each machine. */
const ZONED_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const ZONED_TIME_MESSAGE = '$property must be a date or a time with its zone, such as 2026-01-31T00:00:00Z';

export class ListExecutionsQuery extends PageQuery {
  @IsOptional()
  @IsIn(EXECUTION_STATUSES)
  @ApiProperty({ enum: EXECUTION_STATUSES })
  status?: ExecutionStatus;

  @IsOptional()
  @IsString()
  templateId?: string;

  @IsOptional()
  @IsString()
  datasetId?: string;

  /** Created at this time or later. */
  @IsOptional()
  @Matches(ZONED_TIME, { message: ZONED_TIME_MESSAGE })
  from?: string;

  /** Created before this time. */
  @IsOptional()
  @Matches(ZONED_TIME, { message: ZONED_TIME_MESSAGE })
  to?: string;
}

export class ListLogsQuery extends PageQuery {
  /** Only lines of this level. */
  @IsOptional()
  @IsIn(LOG_LEVELS)
  @ApiProperty({ enum: LOG_LEVELS })
  level?: LogLevel;
}

export class ReadArtifactQuery {
  /** `base64`: JSON with the content as text, instead of the bytes themselves. */
  @IsOptional()
  @IsIn(['base64'])
  encoding?: 'base64';
}
