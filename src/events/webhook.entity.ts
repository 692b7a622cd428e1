import type { TableDefinition } from '../database/index.js';
import type { EventType } from './event.js';
import type { CloudEvent } from './cloud-event.js';
import type { DeliveryStatus } from './webhook.js';

/** The webhook (`item` = `head`) and its deliveries (`item` = `delivery#<event id>`). */
export interface WebhookItem {
  readonly webhookId: string;
  readonly item: string;
  readonly createdAt: string;
  /** On heads. */
  readonly listing?: string;
  readonly url?: string;
  readonly types?: readonly EventType[];
  readonly isActive?: boolean;
  readonly secret?: string;
  readonly createdBy?: string;
  /** On deliveries. */
  readonly eventId?: string;
  readonly subject?: string;
  readonly type?: EventType;
  readonly event?: CloudEvent;
  /** `<webhook>/<status>`: finds the dead ones. */
  readonly state?: string;
  readonly status?: DeliveryStatus;
  readonly attempts?: number;
  /** On those that wait. */
  readonly due?: string;
  readonly nextAttemptAt?: string;
  readonly lastResult?: string;
  readonly updatedAt?: string;
}

export const WEBHOOK_TABLE: TableDefinition<WebhookItem> = {
  name: 'webhook',
  partitionKey: 'webhookId',
  sortKey: 'item',
  attributes: {
    webhookId: 'string',
    item: 'string',
    createdAt: 'string',
    listing: 'string',
    url: 'string',
    types: 'json',
    isActive: 'boolean',
    secret: 'string',
    createdBy: 'string',
    eventId: 'string',
    subject: 'string',
    type: 'string',
    event: 'json',
    state: 'string',
    status: 'string',
    attempts: 'number',
    due: 'string',
    nextAttemptAt: 'string',
    lastResult: 'string',
    updatedAt: 'string',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'createdAt' },
    { name: 'byState', partitionKey: 'state', sortKey: 'item' },
    { name: 'byDue', partitionKey: 'due', sortKey: 'nextAttemptAt' },
  ],
};
