import { ApiProperty } from '@nestjs/swagger';
import type { Role } from '../../common/config/index.js';
import {
  EXECUTION_STATUSES,
  LOG_LEVELS,
  type Activity,
  type ExecutionStatus,
  type LogLevel,
  type LogLine,
  type StatusChange,
  type StoredEpoch,
} from '../execution.js';

export class LogLineDto implements LogLine {
  sequence!: number;
  at!: string;
  @ApiProperty({ enum: LOG_LEVELS })
  level!: LogLevel;
  message!: string;
}

export class LogPageDto {
  items!: LogLineDto[];
  cursor!: string | null;
}

export class EpochDto implements StoredEpoch {
  sequence!: number;
  at!: string;
  /** From 1. */
  epoch!: number;
  epochs!: number;
  /** Mean over the epoch, scaled units. */
  loss!: number;
  validationLoss!: number | null;
  durationMs!: number;
}

export class EpochPageDto {
  items!: EpochDto[];
  cursor!: string | null;
}

export class StatusChangeDto implements StatusChange {
  sequence!: number;
  at!: string;
  @ApiProperty({ enum: EXECUTION_STATUSES, nullable: true })
  from!: ExecutionStatus | null;
  @ApiProperty({ enum: EXECUTION_STATUSES })
  status!: ExecutionStatus;
}

export class StatusChangePageDto {
  items!: StatusChangeDto[];
  cursor!: string | null;
}

export class ActivityDto implements Activity {
  at!: string;
  /** Name of the API key, or `anonymous`. */
  actor!: string;
  @ApiProperty({ enum: ['viewer', 'trainer', 'approver', 'admin'] })
  role!: Role;
  @ApiProperty({ enum: ['started', 'cancelled', 'cloned'] })
  action!: Activity['action'];
  /** `http` or `socket`. */
  via!: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  facts!: Readonly<Record<string, unknown>>;
}

export class ActivityPageDto {
  items!: ActivityDto[];
  cursor!: string | null;
}

export class ArtifactDto {
  name!: string;
  contentType!: string;
  bytes!: number;
  sha256!: string;
  createdAt!: string;
}

export class ArtifactListDto {
  items!: ArtifactDto[];
}
