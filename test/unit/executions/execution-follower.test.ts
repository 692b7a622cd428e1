import fc from 'fast-check';
import { ExecutionFollower } from '#src/executions/execution-follower.js';
import type { ExecutionEvent, StoredExecutionEvent } from '#src/executions/execution-events.js';

const log = (sequence: number): StoredExecutionEvent => ({
  type: 'log',
  executionId: 'exe_1',
  sequence,
  at: '2026-01-01T00:00:00.000Z',
  data: { level: 'info', message: `line ${sequence}` },
});

const progress = (sequence: number, percent: number, at = '2026-01-01T00:00:00.000Z') => ({
  type: 'progress' as const,
  executionId: 'exe_1',
  sequence,
  at,
  data: {
    step: 'training' as const,
    percent,
    epoch: null,
    epochs: null,
    loss: null,
    validationLoss: null,
    etaSeconds: null,
  },
});

const last = (sequence: number): StoredExecutionEvent => ({
  type: 'failed',
  executionId: 'exe_1',
  sequence,
  at: '2026-01-01T00:00:00.000Z',
  data: { status: 'CANCELLED', error: { code: 'CANCELLED', message: 'x', details: {} } },
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A follower over an array of stored events that stands in for the database. */
function follow(
  stored: StoredExecutionEvent[],
  after: number,
  onEvent: (event: ExecutionEvent) => void | Promise<void>,
) {
  const seen: ExecutionEvent[] = [];
  const errors: unknown[] = [];
  const ends: string[] = [];
  let reads = 0;
  const follower = new ExecutionFollower(
    after,
    {
      onEvent: (event) => {
        seen.push(event);
        return onEvent(event);
      },
      onEnd: () => void ends.push('end'),
    },
    {
      eventsAfter: async function* (sequence) {
        reads += 1;
        // As a database does: what is committed while it reads may be missing.
        const snapshot = stored.filter((event) => event.sequence > sequence);
        await turn();
        yield* snapshot;
      },
      onStop: () => void ends.push('stop'),
      onError: (error) => void errors.push(error),
    },
  );
  return { follower, seen, errors, ends, reads: () => reads };
}

const sequences = (events: readonly ExecutionEvent[]): number[] =>
  events.filter(({ type }) => type !== 'progress').map(({ sequence }) => sequence);

describe('execution follower', () => {
  test('whatever arrives when, lost or late, every stored event is passed on once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 15 }),
        fc.array(
          fc.record({
            announced: fc.boolean(),
            progress: fc.boolean(),
            pause: fc.boolean(),
            slow: fc.boolean(),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        async (before, after, steps) => {
          const stored = Array.from({ length: before }, (_, at) => log(at + 1));
          const start = Math.min(after, before);
          let slow = false;
          const { follower, seen, errors } = follow(stored, start, () =>
            slow
              ? turn()
                  .then(turn)
                  .then(() => {})
              : undefined,
          );
          follower.catchUp();
          for (const step of steps) {
            slow = step.slow;
            const event = log(stored.length + 1);
            stored.push(event);
            if (step.announced) follower.offer(event);
            if (step.progress) follower.offer(progress(stored.length, 50));
            if (step.pause) await turn();
          }
          // The poll that finds what was lost on the way.
          follower.catchUp();
          for (let turns = 0; turns < 200; turns++) await turn();
          const all = Array.from({ length: stored.length - start }, (_, at) => start + at + 1);
          expect(sequences(seen)).toEqual(all);
          expect(seen.map(({ sequence }) => sequence)).toEqual(
            seen.map(({ sequence }) => sequence).sort((a, b) => a - b),
          );
          expect(errors).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('live events in order cost no read', async () => {
    const { follower, seen, reads } = follow([], 0, () => undefined);
    for (let sequence = 1; sequence <= 100; sequence++) follower.offer(log(sequence));
    await turn();
    expect(sequences(seen)).toHaveLength(100);
    expect(reads()).toBe(0);
  });

  test('while a listener is busy only the latest progress waits', async () => {
    let release = (): void => undefined;
    const { follower, seen } = follow([log(1)], 0, (event) =>
      event.type === 'log' ? new Promise<void>((resolve) => (release = resolve)) : undefined,
    );
    follower.offer(log(1));
    for (let percent = 1; percent <= 50; percent++) follower.offer(progress(1, percent));
    await turn();
    expect(seen).toHaveLength(1);
    release();
    await turn();
    expect(seen.slice(1)).toEqual([progress(1, 50)]);
  });

  test('an old snapshot of the progress is not passed on after a newer one', async () => {
    const { follower, seen } = follow([], 0, () => undefined);
    follower.offer(progress(0, 70, '2026-01-01T00:00:02.000Z'));
    await turn();
    follower.offer(progress(0, 60, '2026-01-01T00:00:01.000Z'));
    await turn();
    follower.offer(progress(0, 70, '2026-01-01T00:00:02.000Z'));
    await turn();
    expect(seen).toEqual([progress(0, 70, '2026-01-01T00:00:02.000Z')]);
  });

  test('ends once, after the last event, and passes on nothing more', async () => {
    const { follower, seen, ends } = follow([], 0, () => undefined);
    follower.offer(log(1));
    follower.offer(last(2));
    follower.offer(log(3));
    follower.catchUp();
    follower.end();
    await turn();
    expect(sequences(seen)).toEqual([1, 2]);
    expect(ends).toEqual(['stop', 'end']);
  });

  test('a listener that throws loses nobody an event', async () => {
    const { follower, seen, errors } = follow([], 0, ({ sequence }) => {
      if (sequence === 1) throw new Error('one');
      return sequence === 2 ? Promise.reject(new Error('two')) : undefined;
    });
    for (let sequence = 1; sequence <= 3; sequence++) {
      follower.offer(log(sequence));
      await turn();
    }
    expect(sequences(seen)).toEqual([1, 2, 3]);
    expect(errors).toEqual([new Error('one'), new Error('two')]);
  });
});
