/**
 * Does something soon after it was asked for, and not more often than every `intervalMs`: at once when the last time is
 * longer ago, otherwise when the interval is over, however often it was asked for meanwhile.
 */
export class Pace {
  private beganAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly intervalMs: number,
    private readonly action: () => void,
  ) {}

  soon(): void {
    if (this.timer !== null) return;
    const waitMs = this.beganAt + this.intervalMs - performance.now();
    if (waitMs <= 0) this.now();
    else this.timer = setTimeout(() => this.now(), waitMs);
  }

  /** Without waiting for the interval, which begins anew. */
  now(): void {
    this.stop();
    this.beganAt = performance.now();
    this.action();
  }

  /** Takes back what was asked for and has not been done. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
