import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import type { Page, PageRequest } from '../common/page.js';
import { DATABASE, type Database, type PreparedWrite } from '../database/index.js';
import { subjectOf, type NewEvent, type ServiceEvent } from './event.js';
import { EventRepository, type EventSelection } from './event.repository.js';

export type EventListener = (event: ServiceEvent) => void | Promise<void>;

/**
 * Keeps what happens and tells whoever listens. An event is written together with the change that it tells of, in one
 * transaction: there is no change without its event and no event of a change that failed. Listeners in this process
 * hear it at once, webhooks as soon as they can be reached.
 */
@Injectable()
export class EventsService {
  private readonly logger = new Logger('Events');
  private readonly listeners = new Set<EventListener>();

  constructor(
    private readonly events: EventRepository,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Does `writes` and keeps the events that tell of them, all or nothing; `CONFLICT` as `Database.transact`. */
  async commit(writes: readonly PreparedWrite[], happened: readonly NewEvent[]): Promise<ServiceEvent[]> {
    const at = isoTime(this.clock);
    const events = happened.map((event): ServiceEvent => ({
      id: newId('evt'),
      at,
      type: event.type,
      subject: subjectOf(event),
      actor: event.actor,
      reason: event.reason ?? null,
      model: event.model ?? null,
      modelVersion: event.modelVersion ?? null,
      endpoint: event.endpoint ?? null,
      data: event.data ?? {},
    }));
    await this.database.transact([...writes, ...events.map((event) => this.events.toCreate(event))]);
    for (const event of events) this.announce(event);
    return events;
  }

  /** Keeps events that come with no write of their own. */
  record(...happened: readonly NewEvent[]): Promise<ServiceEvent[]> {
    return this.commit([], happened);
  }

  /** Calls `listener` with every event of this process from now on; returns what stops it. */
  listen(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Newest first. */
  list(selection: EventSelection, page: PageRequest): Promise<Page<ServiceEvent>> {
    return this.events.list(selection, page);
  }

  /** Oldest first, those after `afterId` only. */
  after(selection: EventSelection, afterId: string | null): AsyncIterable<ServiceEvent> {
    return this.events.after(selection, afterId);
  }

  /** In a turn of its own: whoever changed something waits for no listener. */
  private announce(event: ServiceEvent): void {
    setImmediate(() => {
      for (const listener of this.listeners) {
        Promise.resolve()
          .then(() => listener(event))
          .catch((error: unknown) =>
            this.logger.error(`a listener failed over ${event.type} ${event.id}: ${String(error)}`),
          );
      }
    });
  }
}
