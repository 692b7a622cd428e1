import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type PreparedWrite, type Stored, type Table } from '../database/index.js';
import { EVENT_TABLE, type EventItem } from './event.entity.js';
import type { ServiceEvent } from './event.js';

const LISTING = 'event';
const OUTBOX = 'waiting';

/** Which events to read: of one subject, of one model and whatever served it, or all. */
export type EventSelection = { readonly subject: string } | { readonly model: string } | 'all';

@Injectable()
export class EventRepository {
  constructor(@InjectTable(EVENT_TABLE) private readonly table: Table<EventItem>) {}

  /** For a transaction with the change that the event tells of. */
  toCreate(event: ServiceEvent): PreparedWrite {
    return this.table.toCreate(itemOf(event));
  }

  async create(event: ServiceEvent): Promise<void> {
    await this.table.create(itemOf(event));
  }

  /** Newest first. */
  async list(selection: EventSelection, page: PageRequest): Promise<Page<ServiceEvent>> {
    const { items, cursor } = await this.table.query({ ...queryOf(selection), descending: true, ...page });
    return { items: items.map(toEvent), cursor };
  }

  /** Oldest first, those after `afterId` only. */
  async *after(selection: EventSelection, afterId: string | null): AsyncIterable<ServiceEvent> {
    const query = queryOf(selection);
    const sort = afterId === null ? undefined : { greaterThan: afterId };
    for await (const item of this.table.queryAll({ ...query, ...(sort && { sort }) })) yield toEvent(item);
  }

  /** Oldest first. */
  async *waiting(): AsyncIterable<ServiceEvent> {
    for await (const item of this.table.queryAll({ index: 'byOutbox', partition: OUTBOX })) yield toEvent(item);
  }

  async sent({ subject, id }: ServiceEvent): Promise<void> {
    await this.table.modify({ subject, id }, (current) =>
      current.outbox === undefined ? null : { outbox: undefined },
    );
  }
}

function queryOf(selection: EventSelection): { readonly index?: string; readonly partition: string } {
  if (selection === 'all') return { index: 'byListing', partition: LISTING };
  return 'model' in selection ? { index: 'byModel', partition: selection.model } : { partition: selection.subject };
}

function itemOf({ at, reason, model, modelVersion, endpoint, ...rest }: ServiceEvent): EventItem {
  return {
    ...rest,
    createdAt: at,
    ...(reason === null ? {} : { reason }),
    ...(model === null ? {} : { model }),
    ...(modelVersion === null ? {} : { modelVersion }),
    ...(endpoint === null ? {} : { endpoint }),
    listing: LISTING,
    outbox: OUTBOX,
  };
}

function toEvent(item: Stored<EventItem>): ServiceEvent {
  const { id, createdAt, type, subject, actor, data } = item;
  return {
    id,
    at: createdAt,
    type,
    subject,
    actor,
    reason: item.reason ?? null,
    model: item.model ?? null,
    modelVersion: item.modelVersion ?? null,
    endpoint: item.endpoint ?? null,
    data,
  };
}
