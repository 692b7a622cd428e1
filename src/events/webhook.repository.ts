import { Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import type { CloudEvent } from './cloud-event.js';
import { WEBHOOK_TABLE, type WebhookItem } from './webhook.entity.js';
import type { Delivery, DeliveryStatus, WebhookWithSecret } from './webhook.js';

const HEAD = 'head';
const LISTING = 'webhook';
const DUE = 'due';
const deliveryKey = (eventId: string): string => `delivery#${eventId}`;

/** A delivery with what is sent, as read. */
export interface StoredDelivery extends Delivery {
  readonly event: CloudEvent;
  readonly stored: Stored<WebhookItem>;
}

@Injectable()
export class WebhookRepository {
  constructor(@InjectTable(WEBHOOK_TABLE) private readonly table: Table<WebhookItem>) {}

  async create(webhook: WebhookWithSecret): Promise<void> {
    await this.table.create({ ...webhook, item: HEAD, listing: LISTING });
  }

  async find(webhookId: string): Promise<WebhookWithSecret | null> {
    const item = await this.table.find({ webhookId, item: HEAD });
    return item && toWebhook(item);
  }

  async list(page: PageRequest): Promise<Page<WebhookWithSecret>> {
    const { items, cursor } = await this.table.query({
      index: 'byListing',
      partition: LISTING,
      descending: true,
      ...page,
    });
    return { items: items.map(toWebhook), cursor };
  }

  async *all(): AsyncIterable<WebhookWithSecret> {
    for await (const item of this.table.queryAll({ index: 'byListing', partition: LISTING })) yield toWebhook(item);
  }

  async change(
    webhookId: string,
    change: Pick<WebhookItem, 'url' | 'types' | 'isActive'>,
  ): Promise<WebhookWithSecret | null> {
    const item = await this.table.modify({ webhookId, item: HEAD }, () => change);
    return item && toWebhook(item);
  }

  async delete(webhookId: string): Promise<void> {
    const keys: { webhookId: string; item: string }[] = [];
    for await (const { item } of this.table.queryAll({ partition: webhookId })) keys.push({ webhookId, item });
    await this.table.deleteMany(keys);
  }

  /** Nothing when the event has a delivery to that webhook already. */
  async offer(webhookId: string, event: CloudEvent, type: Delivery['type'], at: string): Promise<void> {
    try {
      await this.table.create({
        webhookId,
        item: deliveryKey(event.id),
        createdAt: at,
        updatedAt: at,
        eventId: event.id,
        subject: event.subject,
        type,
        event,
        attempts: 0,
        ...stateOf(webhookId, 'pending', at),
      });
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
    }
  }

  /** Those whose time has come, the oldest first. */
  async due(now: string, limit: number): Promise<StoredDelivery[]> {
    const { items } = await this.table.query({
      index: 'byDue',
      partition: DUE,
      sort: { lessThan: now },
      limit,
    });
    return items.map(toDelivery);
  }

  async nextDueAt(): Promise<string | null> {
    const { items } = await this.table.query({ index: 'byDue', partition: DUE, limit: 1 });
    return items[0]?.nextAttemptAt ?? null;
  }

  async findDelivery(webhookId: string, eventId: string): Promise<StoredDelivery | null> {
    const item = await this.table.find({ webhookId, item: deliveryKey(eventId) });
    return item && toDelivery(item);
  }

  /** Newest first. */
  async deliveries(webhookId: string, status: DeliveryStatus | null, page: PageRequest): Promise<Page<Delivery>> {
    const query =
      status === null
        ? { partition: webhookId, sort: { beginsWith: deliveryKey('') } }
        : { index: 'byState', partition: `${webhookId}/${status}` };
    const { items, cursor } = await this.table.query({ ...query, descending: true, ...page });
    return { items: items.map((item) => withoutContent(toDelivery(item))), cursor };
  }

  /** Writes over exactly what was read; null when somebody else was first. */
  async update(
    { stored }: StoredDelivery,
    status: DeliveryStatus,
    nextAttemptAt: string | null,
    change: Pick<WebhookItem, 'attempts' | 'lastResult' | 'updatedAt'>,
  ): Promise<StoredDelivery | null> {
    try {
      const state = stateOf(stored.webhookId, status, nextAttemptAt);
      return toDelivery(await this.table.update(stored, { ...change, ...state }));
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return null;
      throw error;
    }
  }
}

function stateOf(webhookId: string, status: DeliveryStatus, nextAttemptAt: string | null): Partial<WebhookItem> {
  const waiting = nextAttemptAt === null ? { due: undefined, nextAttemptAt: undefined } : { due: DUE, nextAttemptAt };
  return { status, state: `${webhookId}/${status}`, ...waiting };
}

export function withoutContent({ event: _event, stored: _stored, ...delivery }: StoredDelivery): Delivery {
  return delivery;
}

function toWebhook(item: Stored<WebhookItem>): WebhookWithSecret {
  const { webhookId, url, types, isActive, secret, createdBy, createdAt } = item;
  if (url === undefined || secret === undefined) throw new Error('a webhook item is incomplete');
  return {
    webhookId,
    url,
    types: types ?? [],
    isActive: isActive ?? true,
    secret,
    createdBy: createdBy ?? 'unknown',
    createdAt,
  };
}

function toDelivery(item: Stored<WebhookItem>): StoredDelivery {
  const { webhookId, eventId, subject, type, event, status, attempts, createdAt } = item;
  if (!eventId || !subject || !type || !event || !status) throw new Error('a delivery item is incomplete');
  return {
    webhookId,
    eventId,
    subject,
    type,
    status,
    attempts: attempts ?? 0,
    nextAttemptAt: item.nextAttemptAt ?? null,
    lastResult: item.lastResult ?? null,
    createdAt,
    updatedAt: item.updatedAt ?? createdAt,
    event,
    stored: item,
  };
}
