/** At most ten progress messages a second reach the host: more would only be drawn over. */
const INTERVAL_MS = 100;

/** Lets one message through per interval. What must be seen (a new step, the last epoch) goes through regardless. */
export class ProgressThrottle {
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly now: () => number,
    private readonly intervalMs: number = INTERVAL_MS,
  ) {}

  /** True when a message may be sent now; it then counts as sent. */
  admits(important = false): boolean {
    const now = this.now();
    if (!important && now - this.lastAt < this.intervalMs) return false;
    this.lastAt = now;
    return true;
  }
}
