import { isLastEvent, type ExecutionEvent, type StoredExecutionEvent } from './execution-events.js';

/** Returns a promise when it wants to be left alone until that resolves. */
export type ExecutionListener = (event: ExecutionEvent) => void | Promise<void>;

type ProgressEvent = ExecutionEvent & { readonly type: 'progress' };

interface FollowerSource {
  eventsAfter(sequence: number): AsyncIterable<StoredExecutionEvent>;
  onEnd(): void;
  onError(error: unknown): void;
}

/**
 * One listener's place in one execution's order of events. A live event is passed on only when it is the very next one
 * and the listener is free; otherwise the follower notes that it is behind and reads on from the database. That one rule
 * makes replay, live events, lost events and slow listeners the same case: nothing is lost, doubled or reordered.
 */
export class ExecutionFollower {
  private delivered: number;
  private busy = false;
  private behind = false;
  private ended = false;
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
    if (this.ended) return;
    if (event.type === 'progress') this.waitingProgress = event;
    else if (event.sequence <= this.delivered) return;
    else if (this.busy || event.sequence !== this.delivered + 1) this.behind = true;
    else {
      const pending = this.pass(event);
      if (pending === undefined) return;
      void this.work(pending);
      return;
    }
    if (!this.busy) void this.work();
  }

  catchUp(): void {
    this.behind = true;
    if (!this.busy && !this.ended) void this.work();
  }

  stop(): void {
    if (this.ended) return;
    this.ended = true;
    this.waitingProgress = null;
    this.source.onEnd();
  }

  /** Until there is nothing to pass on; alone, since whoever calls it has seen `busy` false. */
  private async work(pending?: Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await pending;
      while (!this.ended && (this.behind || this.waitingProgress !== null)) {
        if (this.behind) await this.readOn();
        else await this.passProgress();
      }
    } catch (error) {
      this.source.onError(error);
    } finally {
      this.busy = false;
    }
  }

  private async readOn(): Promise<void> {
    this.behind = false;
    for await (const event of this.source.eventsAfter(this.delivered)) {
      if (this.ended) return;
      if (event.sequence > this.delivered) await this.pass(event);
    }
  }

  private async passProgress(): Promise<void> {
    const event = this.waitingProgress;
    this.waitingProgress = null;
    if (event === null || event.sequence < this.delivered || this.isOld(event)) return;
    if (event.sequence > this.delivered) {
      // It tells of stored events that have not come by: those first.
      this.waitingProgress = event;
      await this.readOn();
      if (event.sequence > this.delivered) this.waitingProgress = null;
      return;
    }
    this.progress = event;
    await this.call(event);
  }

  /** A stored snapshot of what came by live. */
  private isOld({ at, data }: ProgressEvent): boolean {
    if (this.progress === null || at > this.progress.at) return false;
    return at < this.progress.at || JSON.stringify(data) === JSON.stringify(this.progress.data);
  }

  private pass(event: StoredExecutionEvent): Promise<void> | undefined {
    this.delivered = event.sequence;
    const pending = this.call(event);
    if (isLastEvent(event)) this.stop();
    return pending;
  }

  /** A listener that throws has a bug of its own: the order goes on. */
  private call(event: ExecutionEvent): Promise<void> | undefined {
    try {
      const pending = this.listener(event);
      return pending instanceof Promise ? pending.catch((error: unknown) => this.source.onError(error)) : undefined;
    } catch (error) {
      this.source.onError(error);
      return undefined;
    }
  }
}
