import { cloudEvent, type CloudEvent } from './cloud-event.js';
import type { EventType, ServiceEvent } from './event.js';
import type { EventPosition } from './event-position.js';
import type { EventSelection } from './event.repository.js';

/** What to be told of; all that is given must hold, and nothing given is everything. */
export interface EventFilter {
  readonly types?: readonly EventType[];
  /** `models/<name>` or `endpoints/<name>`. */
  readonly subject?: string;
  /** The model, and whatever serves it. */
  readonly model?: string;
  readonly endpoint?: string;
}

/** Events that come together, and the cursor from which to go on after them. */
export interface EventBatch {
  readonly events: readonly CloudEvent[];
  readonly cursor: string;
}

interface FeedSource {
  /** Id of the newest event; null where there is none. */
  newest(selection: EventSelection): Promise<string | null>;
  /** Oldest first. */
  after(selection: EventSelection, afterId: string | null): AsyncIterable<ServiceEvent>;
  onError(error: unknown): void;
}

const BATCH_EVENTS = 100;

/**
 * One reader of the events that are stored. It always reads from the database and is only told when to look: what
 * happened before, what happens now, what other processes write and what a slow reader missed are the same case.
 */
export class EventFeed {
  private isBusy = false;
  private isAskedAgain = false;
  private isStopped = false;

  constructor(
    private readonly filter: EventFilter,
    private readonly position: EventPosition,
    private readonly source: FeedSource,
    /** While the promise that it returns is pending it is not called, and nothing is read. */
    private readonly deliver: (batch: EventBatch) => void | Promise<void>,
  ) {}

  get cursor(): string {
    return this.position.toCursor();
  }

  /** Takes what is there already as told. */
  async skip(): Promise<void> {
    const newest = await this.source.newest(selectionOf(this.filter));
    if (newest === null) return;
    this.position.see(newest);
    this.position.settle();
    for await (const { id } of this.unread()) this.position.pass(id);
  }

  /** There may be something new. */
  nudge(): void {
    if (this.isBusy) this.isAskedAgain = true;
    else if (!this.isStopped) void this.work();
  }

  stop(): void {
    this.isStopped = true;
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    try {
      do {
        this.isAskedAgain = false;
        await this.readOn();
      } while (this.asksAgain());
    } catch (error) {
      this.source.onError(error);
    } finally {
      this.isBusy = false;
    }
  }

  private asksAgain(): boolean {
    return this.isAskedAgain && !this.isStopped;
  }

  private async readOn(): Promise<void> {
    let events: CloudEvent[] = [];
    for await (const event of this.unread()) {
      events.push(cloudEvent(event));
      this.position.pass(event.id);
      if (events.length < BATCH_EVENTS) continue;
      await this.tell(events);
      events = [];
    }
    if (events.length > 0) await this.tell(events);
    else this.position.settle();
  }

  private async *unread(): AsyncIterable<ServiceEvent> {
    for await (const event of this.source.after(selectionOf(this.filter), this.position.after)) {
      if (this.isStopped) return;
      this.position.see(event.id);
      if (!this.position.has(event.id) && isWanted(event, this.filter)) yield event;
    }
  }

  private async tell(events: readonly CloudEvent[]): Promise<void> {
    this.position.settle();
    await this.deliver({ events, cursor: this.cursor });
  }
}

/** The narrowest list that has all of them. */
function selectionOf({ subject, model, endpoint }: EventFilter): EventSelection {
  if (subject !== undefined) return { subject };
  if (endpoint !== undefined) return { subject: `endpoints/${endpoint}` };
  return model === undefined ? 'all' : { model };
}

function isWanted(event: ServiceEvent, { types, subject, model, endpoint }: EventFilter): boolean {
  return (
    (types === undefined || types.includes(event.type)) &&
    (subject === undefined || event.subject === subject) &&
    (model === undefined || event.model === model) &&
    (endpoint === undefined || event.endpoint === endpoint)
  );
}
