import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength, ArrayMaxSize, ArrayUnique, IsArray } from 'class-validator';
import { PageQuery } from '../../common/http/index.js';
import { EVENT_TYPES, type EventType } from '../event.js';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../webhook.js';

/** Where events are to be sent. */
export class CreateWebhook {
  /** `http` or `https`; private addresses only where the installation allows them. */
  @IsString()
  @MaxLength(2_000)
  url!: string;

  /** Events to send; without it all. */
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @ArrayMaxSize(EVENT_TYPES.length)
  @IsIn(EVENT_TYPES, { each: true })
  types?: EventType[];
}

/** What is to change of a webhook. */
export class ChangeWebhook {
  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  url?: string;

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @ArrayMaxSize(EVENT_TYPES.length)
  @IsIn(EVENT_TYPES, { each: true })
  types?: EventType[];

  /** False: events that happen from now on are not sent. */
  @IsOptional()
  @IsBoolean()
  isActive?: boolean;
}

/** A webhook. */
export class WebhookAnswer {
  webhookId!: string;
  url!: string;
  /** Empty: all. */
  @ApiProperty({ enum: EVENT_TYPES, isArray: true })
  types!: EventType[];
  isActive!: boolean;
  createdBy!: string;
  createdAt!: string;
}

/** A webhook with its secret, which is shown this once. */
export class CreatedWebhookAnswer extends WebhookAnswer {
  /** Verifies `webhook-signature` (Standard Webhooks): HMAC-SHA256 over `id.timestamp.body`. */
  secret!: string;
}

/** One page of webhooks, newest first. */
export class WebhookPage {
  items!: WebhookAnswer[];
  cursor!: string | null;
}

/** One event on its way to one webhook. */
export class DeliveryAnswer {
  webhookId!: string;
  eventId!: string;
  /** `models/<name>` or `endpoints/<name>`. */
  subject!: string;
  @ApiProperty({ enum: EVENT_TYPES })
  type!: EventType;
  @ApiProperty({ enum: DELIVERY_STATUSES })
  status!: DeliveryStatus;
  attempts!: number;
  nextAttemptAt!: string | null;
  /** What the last attempt met: a status, or why there was none. */
  lastResult!: string | null;
  createdAt!: string;
  updatedAt!: string;
}

/** One page of deliveries, newest first. */
export class DeliveryPage {
  items!: DeliveryAnswer[];
  cursor!: string | null;
}

/** Which deliveries to list. */
export class DeliveryQuery extends PageQuery {
  /** `dead`: those whose attempts have all failed. */
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;
}
