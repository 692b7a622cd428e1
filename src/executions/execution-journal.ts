import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { isTrainyardError } from '../common/errors/index.js';
import { newId } from '../common/ids.js';
import type { Activity } from './execution.js';
import type { NewExecutionEvent, StoredExecutionEvent } from './execution-events.js';
import { ExecutionEvents } from './execution-events.service.js';
import type { Entry, ExecutionHead } from './execution-head.js';
import { isTerminal } from './execution-transitions.js';
import { ExecutionRepository, eventsOf, executionNotFound, type StoredHead } from './execution.repository.js';

/** What one write changes. `head` replaces fields; events get their sequence from the journal. */
export interface Change {
  readonly head?: Partial<Omit<ExecutionHead, 'executionId' | 'sequence' | 'tail'>>;
  readonly events?: readonly NewExecutionEvent[];
  readonly activity?: Omit<Activity, 'at'>;
}

/**
 * Looks at the head as it is and says what to change; null for nothing. May throw to refuse; may be called again. `at` is
 * the time that the events will carry.
 */
export type Decide = (head: ExecutionHead, at: string) => Change | null;

interface Write {
  readonly decide: Decide;
  readonly resolve: (head: ExecutionHead) => void;
  readonly reject: (error: unknown) => void;
}

/** A log line is at most 2,000 characters, so the head stays far below the item limit. */
const WRITES_TOGETHER = 25;
const TRIES = 10;
const RETRY_DELAY_MS = 5;

/**
 * The only way to change an execution. Writes of one execution are taken in the order of the calls; those that wait
 * while one is under way become one conditional write of the head (group commit), so a chatty training costs the
 * database little. A write that lost a race is decided anew on the head that won.
 */
@Injectable()
export class ExecutionJournal {
  private readonly logger = new Logger('ExecutionJournal');
  private readonly lanes = new Map<string, Write[]>();
  /** Version of the head up to which this process knows the entries to be items of their own. */
  private readonly copied = new Map<string, number>();

  constructor(
    private readonly repository: ExecutionRepository,
    private readonly events: ExecutionEvents,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves with the head once the change is durable. */
  async write(executionId: string, decide: Decide): Promise<ExecutionHead> {
    return new Promise((resolve, reject) => {
      const write = { decide, resolve, reject };
      const lane = this.lanes.get(executionId);
      if (lane !== undefined) {
        lane.push(write);
        return;
      }
      this.lanes.set(executionId, [write]);
      void this.empty(executionId);
    });
  }

  private async empty(executionId: string): Promise<void> {
    // Writes of the same turn go together.
    await Promise.resolve();
    for (let lane = this.lanes.get(executionId) ?? []; lane.length > 0;) {
      const writes = lane.splice(0, WRITES_TOGETHER);
      try {
        await this.commit(executionId, writes);
      } catch (error) {
        for (const write of writes) write.reject(error);
      }
    }
    this.lanes.delete(executionId);
  }

  private async commit(executionId: string, writes: readonly Write[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      const found = await this.repository.findHead(executionId);
      if (found === null) throw executionNotFound(executionId);
      const decided = this.decide(found.head, writes);
      try {
        if (decided.changed) await this.store(found, decided);
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT') || tries === TRIES) throw error;
        await delay(RETRY_DELAY_MS * tries * Math.random());
        continue;
      }
      for (const settle of decided.settle) settle(decided.head);
      return;
    }
  }

  private decide(head: ExecutionHead, writes: readonly Write[]): Decided {
    const at = isoTime(this.clock);
    const tail: Entry[] = [];
    const settle: Decided['settle'][number][] = [];
    let next = head;
    let changed = false;
    for (const { decide, resolve, reject } of writes) {
      let change: Change | null;
      try {
        change = decide(next, at);
      } catch (error) {
        settle.push(() => reject(error));
        continue;
      }
      settle.push(resolve);
      if (change === null) continue;
      changed = true;
      const { executionId } = head;
      let { sequence } = next;
      for (const event of change.events ?? []) {
        sequence += 1;
        tail.push({ kind: 'event', event: { ...event, executionId, sequence, at } as StoredExecutionEvent });
      }
      if (change.activity !== undefined) {
        tail.push({ kind: 'activity', id: newId('act'), activity: { ...change.activity, at } });
      }
      next = { ...next, ...change.head, sequence };
    }
    // Without new entries the old tail stays: it may not have been copied yet.
    return { head: tail.length === 0 ? next : { ...next, tail }, tail, changed, settle };
  }

  private async store(found: StoredHead, { head, tail }: Decided): Promise<void> {
    const { executionId } = head;
    let copied = this.copied.get(executionId) === found.stored.version;
    if (tail.length > 0 && !copied) {
      // The old tail is about to be replaced, and a crash may have come before its entries were copied.
      await this.repository.putEntries(executionId, found.head.tail);
    }
    const version = await this.repository.replaceHead(found, head);
    if (tail.length > 0) {
      try {
        await this.repository.putEntries(executionId, tail);
        copied = true;
      } catch (error) {
        // Committed all the same: the head has them, and the next write copies them.
        copied = false;
        this.logger.warn(`copying events of execution ${executionId}: ${String(error)}`);
      }
    }
    if (copied) this.copied.set(executionId, version);
    if (isTerminal(head.status)) this.copied.delete(executionId);
    this.events.publish(eventsOf(tail));
  }
}

interface Decided {
  readonly head: ExecutionHead;
  readonly tail: readonly Entry[];
  readonly changed: boolean;
  readonly settle: readonly ((head: ExecutionHead) => void)[];
}
