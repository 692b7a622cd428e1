import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { PageQuery } from '../../common/http/index.js';
import { EVENT_TYPES, type EventType } from '../event.js';

/** Something that happened to a model or an endpoint. */
export class EventAnswer {
  id!: string;
  at!: string;
  @ApiProperty({ enum: EVENT_TYPES })
  type!: EventType;
  /** `models/<name>` or `endpoints/<name>`. */
  subject!: string;
  /** Who did it: a key's name, or the part of the service. */
  actor!: string;
  reason!: string | null;
  model!: string | null;
  modelVersion!: number | null;
  endpoint!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true })
  data!: object;
}

/** One page of events, newest first. */
export class EventPage {
  items!: EventAnswer[];
  /** For the next page; null on the last. */
  cursor!: string | null;
}

/** Which events to list. */
export class EventQuery extends PageQuery {
  /** `models/<name>` or `endpoints/<name>`; without it everything. */
  @IsOptional()
  @IsString()
  @MaxLength(300)
  @Matches(/^(models|endpoints)\/.+$/, { message: 'subject must be models/<name> or endpoints/<name>' })
  subject?: string;
}
