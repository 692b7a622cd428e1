import type { TableDefinition } from '../database/index.js';
import type { EventType } from './event.js';

export interface EventItem {
  readonly subject: string;
  readonly id: string;
  readonly createdAt: string;
  readonly type: EventType;
  readonly actor: string;
  readonly reason?: string;
  readonly model?: string;
  readonly modelVersion?: number;
  readonly endpoint?: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Puts it into the list of all events. */
  readonly listing: string;
  /** Until the webhooks that it concerns have a delivery each. */
  readonly outbox?: string;
}

export const EVENT_TABLE: TableDefinition<EventItem> = {
  name: 'event',
  partitionKey: 'subject',
  sortKey: 'id',
  attributes: {
    subject: 'string',
    id: 'string',
    createdAt: 'string',
    type: 'string',
    actor: 'string',
    reason: 'string',
    model: 'string',
    modelVersion: 'number',
    endpoint: 'string',
    data: 'json',
    listing: 'string',
    outbox: 'string',
  },
  indexes: [
    { name: 'byListing', partitionKey: 'listing', sortKey: 'id' },
    { name: 'byModel', partitionKey: 'model', sortKey: 'id' },
    { name: 'byOutbox', partitionKey: 'outbox', sortKey: 'id' },
  ],
};
