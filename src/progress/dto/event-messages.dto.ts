import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
} from 'class-validator';
import { EVENT_TYPES, type EventType } from '../../events/index.js';
import type { EventsSubscribeMessage, EventsUnsubscribeMessage } from '../event-protocol.js';

const CURSOR_LENGTH = 100_000;

export class EventsSubscribeMessageDto implements EventsSubscribeMessage {
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(EVENT_TYPES.length)
  @IsIn(EVENT_TYPES, { each: true })
  types?: EventType[];

  @IsOptional()
  @IsString()
  @MaxLength(300)
  @Matches(/^(models|endpoints)\/.+$/, { message: 'subject must be models/<name> or endpoints/<name>' })
  subject?: string;

  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  model?: string;

  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  endpoint?: string;

  @IsOptional()
  @IsString()
  @MaxLength(CURSOR_LENGTH)
  cursor?: string;

  @IsOptional()
  @IsIn(['now', 'beginning'])
  from?: 'now' | 'beginning';
}

export class EventsUnsubscribeMessageDto implements EventsUnsubscribeMessage {
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  subscriptionId!: string;
}
