import {
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { IDEMPOTENCY_KEY, type Overrides } from '../../executions/index.js';
import type { StartMessage, SubscribeMessage } from '../execution-protocol.js';

export class StartMessageDto implements StartMessage {
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  templateId!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  @IsOptional()
  @IsObject()
  overrides?: Overrides;

  @IsOptional()
  @Matches(IDEMPOTENCY_KEY, { message: 'idempotencyKey must be 1 to 200 printable ASCII characters' })
  idempotencyKey?: string;

  @IsOptional()
  @IsBoolean()
  closeWhenDone?: boolean;
}

export class CancelMessageDto {
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  executionId!: string;
}

export class SubscribeMessageDto extends CancelMessageDto implements SubscribeMessage {
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  afterSequence?: number;

  @IsOptional()
  @IsBoolean()
  closeWhenDone?: boolean;
}
