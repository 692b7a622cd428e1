import { isLastEvent, type ExecutionEvent, type StoredExecutionEvent } from './execution-events.js';

export interface ExecutionListener {
  /** Returns a promise when it wants to be left alone until that resolves. */
  onEvent(event: ExecutionEvent): void | Promise<void>;
  /** Nothing more will come. */
  onEnd(): void;
}

type ProgressEvent = ExecutionEvent & { readonly type: 'progress' };

interface FollowerSource {
  eventsAfter(sequence: number): AsyncIterable<StoredExecutionEvent>;
  onStop(): void;
  onError(error: unknown): void;
}

/** Live events that may wait for a listener, or for a read to end; with more, it is simply behind. */
const ARRIVED_LIMIT = 64;

/**
 * One listener's place in one execution's order of events. A live event is passed on only when it is the very next one
 * and the listener is free; otherwise the follower is behind and reads on from the database. That one rule makes
 * replay, live events, lost events and slow listeners the same case: nothing is lost, doubled or reordered.
 */
export class ExecutionFollower {
  private delivered: number;
  private busy = false;
  private behind = false;
  private ended = false;
  private arrived: StoredExecutionEvent[] = [];
  private waitingProgress: ProgressEvent | null = null;
  private progress: ProgressEvent | null = null;

  constructor(
    afterSequence: number,
    private readonly listener: ExecutionListener,
    private readonly source: FollowerSource,
  ) {
    this.delivered = afterSequence;
  }

  /** Of the last stored event that was passed on. */
  get sequence(): number {
    return this.delivered;
  }

  offer(event: ExecutionEvent): void {
    if (event.type === 'progress') this.waitingProgress = event;
    else if (this.arrived.length < ARRIVED_LIMIT) this.arrived.push(event);
    else {
      this.arrived = [];
      this.behind = true;
    }
    this.wake();
  }

  catchUp(): void {
    this.behind = true;
    this.wake();
  }

  stop(): void {
    if (this.ended) return;
    this.ended = true;
    this.arrived = [];
    this.source.onStop();
  }

  /** Stops because nothing more will come. */
  end(): void {
    if (this.ended) return;
    this.stop();
    void this.guard(() => this.listener.onEnd());
  }

  private wake(): void {
    if (!this.busy && !this.ended) void this.work();
  }

  /** Until there is nothing to do. Waits only where it must: live events pass through in the turn in which they come. */
  private async work(): Promise<void> {
    this.busy = true;
    try {
      while (!this.ended) {
        const step = this.next();
        if (step === 'idle') return;
        if (step !== undefined) await step;
      }
    } catch (error) {
      this.source.onError(error);
    } finally {
      this.busy = false;
    }
  }

  private next(): 'idle' | Promise<void> | undefined {
    if (this.behind) return this.readOn();
    const event = this.arrived.shift();
    if (event !== undefined) {
      if (event.sequence === this.delivered + 1) return this.pass(event);
      // Seen already, or some before it have not come by.
      this.behind = event.sequence > this.delivered;
      return undefined;
    }
    const progress = this.waitingProgress;
    this.waitingProgress = null;
    if (progress === null) return 'idle';
    if (progress.sequence > this.delivered) return this.readUpTo(progress);
    if (progress.sequence < this.delivered || this.isOld(progress)) return undefined;
    this.progress = progress;
    return this.call(progress);
  }

  private async readOn(): Promise<void> {
    this.behind = false;
    for await (const event of this.source.eventsAfter(this.delivered)) {
      if (this.ended) return;
      if (event.sequence > this.delivered) await this.pass(event);
    }
  }

  /** Progress tells of stored events that have not come by: those first. */
  private async readUpTo(progress: ProgressEvent): Promise<void> {
    await this.readOn();
    if (progress.sequence === this.delivered) this.waitingProgress ??= progress;
  }

  /** A stored snapshot of what came by live. */
  private isOld({ at, data }: ProgressEvent): boolean {
    if (this.progress === null || at > this.progress.at) return false;
    return at < this.progress.at || JSON.stringify(data) === JSON.stringify(this.progress.data);
  }

  private pass(event: StoredExecutionEvent): Promise<void> | undefined {
    this.delivered = event.sequence;
    const pending = this.call(event);
    if (isLastEvent(event)) this.end();
    return pending;
  }

  private call(event: ExecutionEvent): Promise<void> | undefined {
    const pending = this.guard(() => this.listener.onEvent(event));
    return pending?.catch((error: unknown) => this.source.onError(error));
  }

  /** A listener that throws has a bug of its own: the order goes on. */
  private guard(call: () => void | Promise<void>): Promise<void> | undefined {
    try {
      return call() ?? undefined;
    } catch (error) {
      this.source.onError(error);
      return undefined;
    }
  }
}
