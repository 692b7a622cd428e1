import fc from 'fast-check';
import { encodeTime } from 'ulid';
import { EventFeed, type EventBatch, type EventFilter } from '#src/events/event-feed.js';
import { EventPosition } from '#src/events/event-position.js';
import type { EventType, ServiceEvent } from '#src/events/event.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const id = (ms: number, tail = 0) => `evt_${encodeTime(START + ms, 10)}${String(tail).padStart(16, '0')}`;
const event = (ms: number, tail = 0, type: EventType = 'model.approved', model = 'm'): ServiceEvent => ({
  id: id(ms, tail),
  at: new Date(START + ms).toISOString(),
  type,
  subject: `models/${model}`,
  actor: 'ann',
  reason: null,
  model,
  modelVersion: 1,
  endpoint: null,
  data: {},
});

/** The stored events, in whatever order they were stored. */
class Store {
  readonly events: ServiceEvent[] = [];
  reads = 0;

  feed(position: EventPosition, deliver: (batch: EventBatch) => void | Promise<void>, filter: EventFilter = {}) {
    const source = {
      newest: async () => this.sorted().at(-1)?.id ?? null,
      after: (_: unknown, afterId: string | null) => this.after(afterId),
      onError: (error: unknown) => {
        throw error;
      },
    };
    return new EventFeed(filter, position, source, deliver);
  }

  private sorted(): ServiceEvent[] {
    return [...this.events].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  private async *after(afterId: string | null): AsyncIterable<ServiceEvent> {
    for (const one of this.sorted()) {
      if (afterId !== null && one.id <= afterId) continue;
      this.reads += 1;
      yield one;
    }
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const idsOf = (batches: readonly EventBatch[]) => batches.flatMap(({ events }) => events.map((one) => one.id));

describe('EventFeed', () => {
  it('tells the past from the beginning, and what comes, in batches of a hundred', async () => {
    const store = new Store();
    for (let at = 0; at < 250; at++) store.events.push(event(at * 1_000));
    const batches: EventBatch[] = [];
    const feed = store.feed(EventPosition.beginning(), (batch) => void batches.push(batch));
    feed.nudge();
    await settle();
    expect(batches.map(({ events }) => events.length)).toEqual([100, 100, 50]);
    store.events.push(event(250_000));
    feed.nudge();
    await settle();
    expect(idsOf(batches)).toEqual(Array.from({ length: 251 }, (_, at) => id(at * 1_000)));
    expect(batches.at(-1)!.events[0]).toMatchObject({ type: 'trainyard.model.approved', subject: 'models/m' });
    // Only the last thirty seconds are read once more.
    const before = store.reads;
    feed.nudge();
    await settle();
    expect(store.reads - before).toBe(30);
  });

  it('begins with what comes when it skips what is there, without reading all of it', async () => {
    const store = new Store();
    for (let at = 0; at < 500; at++) store.events.push(event(at * 1_000));
    const batches: EventBatch[] = [];
    const feed = store.feed(EventPosition.beginning(), (batch) => void batches.push(batch));
    await feed.skip();
    expect(store.reads).toBe(30);
    store.events.push(event(500_000));
    feed.nudge();
    await settle();
    expect(idsOf(batches)).toEqual([id(500_000)]);
  });

  it('tells what another process stored late, with an id from before', async () => {
    const store = new Store();
    store.events.push(event(0), event(20_000));
    const batches: EventBatch[] = [];
    const feed = store.feed(EventPosition.beginning(), (batch) => void batches.push(batch));
    feed.nudge();
    await settle();
    store.events.push(event(10_000));
    const again = store.feed(EventPosition.of(batches.at(-1)!.cursor), (batch) => void batches.push(batch));
    again.nudge();
    await settle();
    expect(idsOf(batches)).toEqual([id(0), id(20_000), id(10_000)]);
  });

  it('tells only what is wanted', async () => {
    const store = new Store();
    store.events.push(event(0), event(1, 0, 'model.rejected'), event(2, 0, 'model.approved', 'other'));
    const batches: EventBatch[] = [];
    store
      .feed(EventPosition.beginning(), (batch) => void batches.push(batch), {
        types: ['model.approved'],
        model: 'm',
      })
      .nudge();
    await settle();
    expect(idsOf(batches)).toEqual([id(0)]);
  });

  it('waits for a slow reader and holds nothing for it', async () => {
    const store = new Store();
    for (let at = 0; at < 1_000; at++) store.events.push(event(at * 100));
    let go = (): void => undefined;
    const batches: EventBatch[] = [];
    const feed = store.feed(EventPosition.beginning(), (batch) => {
      batches.push(batch);
      return new Promise((resolve) => (go = resolve));
    });
    feed.nudge();
    for (let turn = 0; turn < 10; turn++) {
      feed.nudge();
      await settle();
    }
    expect([batches.length, store.reads]).toEqual([1, 100]);
    while (batches.length < 10) {
      go();
      await settle();
    }
    expect(idsOf(batches)).toEqual(Array.from({ length: 1_000 }, (_, at) => id(at * 100)));
  });

  it('keeps cursors small, however many events come at once', async () => {
    const store = new Store();
    for (let at = 0; at < 5_000; at++) store.events.push(event(0, at));
    const batches: EventBatch[] = [];
    store.feed(EventPosition.beginning(), (batch) => void batches.push(batch)).nudge();
    await settle();
    expect(new Set(idsOf(batches)).size).toBe(5_000);
    expect(Math.max(...batches.map(({ cursor }) => cursor.length))).toBeLessThan(40_000);
  });

  it('loses and repeats nothing, whenever events are stored, read and resumed', async () => {
    // Each step stores an event up to 29 s old, or reads, or goes on with another feed from the last cursor.
    const steps = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('store' as const), lateMs: fc.integer({ min: 0, max: 29_000 }) }),
        fc.record({ kind: fc.constantFrom('read' as const, 'resume' as const) }),
      ),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const store = new Store();
        const batches: EventBatch[] = [];
        const deliver = (batch: EventBatch): void => void batches.push(batch);
        let feed = store.feed(EventPosition.beginning(), deliver);
        for (const [at, step] of all.entries()) {
          if (step.kind === 'store') store.events.push(event(30_000 + at * 500 - step.lateMs, at));
          else {
            if (step.kind === 'resume') {
              feed.stop();
              const last = batches.at(-1);
              feed = store.feed(last ? EventPosition.of(last.cursor) : EventPosition.beginning(), deliver);
            }
            feed.nudge();
            await settle();
          }
        }
        feed.nudge();
        await settle();
        expect(idsOf(batches).sort()).toEqual(store.events.map((one) => one.id).sort());
      }),
    );
  });

  it.each(['', 'nonsense', Buffer.from('{"after":"x","passed":[]}').toString('base64url')])(
    'refuses %j as a cursor',
    (cursor) => {
      expect(() => EventPosition.of(cursor)).toThrow('The cursor is not one that this feed gave');
    },
  );
});
