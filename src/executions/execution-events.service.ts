import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import type { ExecutionEvent, StoredExecutionEvent } from './execution-events.js';
import { ExecutionFollower, type ExecutionListener } from './execution-follower.js';
import type { ExecutionHead } from './execution-head.js';
import { ExecutionRepository, executionNotFound } from './execution.repository.js';
import { isRunning, isTerminal } from './execution-transitions.js';

/**
 * How often the database is asked about executions that somebody follows. One process hears its own events at once and
 * asks only to be safe; with several, this is how the others' events arrive.
 */
const POLL_MS = { alone: 5_000, shared: 1_000 };

/** Tells followers what happens to executions: everything stored, in order, once; progress as it comes. */
@Injectable()
export class ExecutionEvents implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('ExecutionEvents');
  private readonly followers = new Map<string, Set<ExecutionFollower>>();
  private outbox: ExecutionEvent[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly repository: ExecutionRepository,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
  ) {}

  onModuleInit(): void {
    const everyMs = this.config.database.kind === 'embedded' ? POLL_MS.alone : POLL_MS.shared;
    this.timer = setInterval(() => void this.poll(), everyMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    for (const followers of this.followers.values()) for (const follower of followers) follower.stop();
    this.followers.clear();
  }

  /** Stored events after `sequence`, in order. */
  after(executionId: string, sequence: number): AsyncIterable<StoredExecutionEvent> {
    return this.repository.eventsAfter(executionId, sequence);
  }

  /**
   * Calls `onEvent` with every stored event after `afterSequence`, past and coming, in order and once each, and with the
   * latest progress. While a promise that it returned is pending it is not called; what it missed is then read from the
   * database, so a slow listener costs no memory and holds up nobody. `onEnd` follows the last event, or comes at once
   * when that lies before `afterSequence`. Returns what stops it earlier.
   */
  async follow(executionId: string, afterSequence: number, listener: ExecutionListener): Promise<() => void> {
    const found = await this.repository.findHead(executionId);
    if (found === null) throw executionNotFound(executionId);
    const { sequence, status } = found.head;
    const follower = new ExecutionFollower(Math.min(afterSequence, sequence), listener, {
      eventsAfter: (after) => this.repository.eventsAfter(executionId, after),
      onStop: () => this.forget(executionId, follower),
      onError: (error) => this.logger.warn(`following execution ${executionId}: ${String(error)}`),
    });
    if (isTerminal(status) && afterSequence >= sequence) {
      follower.end();
      return () => undefined;
    }
    const followers = this.followers.get(executionId) ?? new Set();
    this.followers.set(executionId, followers.add(follower));
    follower.catchUp();
    this.offerSnapshot(follower, found.head);
    return () => follower.stop();
  }

  /** In the next turn of the event loop, in the order of the calls: a write never waits for listeners. */
  publish(events: readonly ExecutionEvent[]): void {
    if (events.length === 0) return;
    if (this.outbox.length === 0) setImmediate(() => this.deliver());
    this.outbox.push(...events);
  }

  private deliver(): void {
    const events = this.outbox;
    this.outbox = [];
    for (const event of events) {
      for (const follower of this.followers.get(event.executionId) ?? []) follower.offer(event);
    }
  }

  private async poll(): Promise<void> {
    for (const [executionId, followers] of this.followers) {
      try {
        const found = await this.repository.findHead(executionId);
        for (const follower of followers) {
          if (found === null) follower.end();
          else {
            if (found.head.sequence > follower.sequence) follower.catchUp();
            this.offerSnapshot(follower, found.head);
          }
        }
      } catch (error) {
        this.logger.warn(`asking about execution ${executionId}: ${String(error)}`);
      }
    }
  }

  /** The stored progress, at most a second old; followers drop it when they have heard a later one. */
  private offerSnapshot(follower: ExecutionFollower, head: ExecutionHead): void {
    const { executionId, sequence, progress, progressAt, status } = head;
    if (progress === null || progressAt === null || !isRunning(status)) return;
    follower.offer({ type: 'progress', executionId, sequence, at: progressAt, data: progress });
  }

  private forget(executionId: string, follower: ExecutionFollower): void {
    const followers = this.followers.get(executionId);
    followers?.delete(follower);
    if (followers?.size === 0) this.followers.delete(executionId);
  }
}
