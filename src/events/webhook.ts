import type { EventType } from './event.js';

/** Where events are sent to. */
export interface Webhook {
  readonly webhookId: string;
  readonly url: string;
  /** Empty: all. */
  readonly types: readonly EventType[];
  readonly isActive: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
}

/** With what its signatures are made of; shown once, when the webhook is created. */
export interface WebhookWithSecret extends Webhook {
  readonly secret: string;
}

export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'] as const;

/** `dead`: all attempts failed; it is kept, and sent again on request. */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** One event on its way to one webhook. */
export interface Delivery {
  readonly webhookId: string;
  /** The event's id: an event reaches a webhook once, however often it is offered. */
  readonly eventId: string;
  readonly subject: string;
  readonly type: EventType;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** Null once it is delivered or dead. */
  readonly nextAttemptAt: string | null;
  /** What the last attempt met: a status, or why there was none. */
  readonly lastResult: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}
