import { Pace } from './pace.js';

/**
 * Writes what changes again and again, one write at a time and not more often than every `intervalMs`. What changes while
 * it is written, or before it is its turn, is written with the next one. `write` takes what there is and never rejects.
 */
export class PacedWrite {
  private isWaiting = false;
  private writing: Promise<void> | null = null;
  private isUrgent = false;
  private readonly pace: Pace;

  constructor(
    intervalMs: number,
    private readonly write: () => Promise<void>,
  ) {
    this.pace = new Pace(intervalMs, () => this.begin());
  }

  /** There is something to write. */
  ask(): void {
    this.isWaiting = true;
    this.goOn();
  }

  /** From now on without waiting for the interval. */
  hurry(): void {
    this.isUrgent = true;
    this.pace.now();
  }

  /** Waits until nothing is left to write. */
  async flush(): Promise<void> {
    while (this.isWaiting || this.writing !== null) {
      this.pace.now();
      await this.writing;
    }
  }

  /** Takes back what waits, then waits for what is being written. */
  async cancel(): Promise<void> {
    this.isWaiting = false;
    this.pace.stop();
    await this.writing;
  }

  private goOn(): void {
    if (this.isUrgent) this.pace.now();
    else this.pace.soon();
  }

  private begin(): void {
    if (!this.isWaiting || this.writing !== null) return;
    this.isWaiting = false;
    this.writing = this.write().finally(() => {
      this.writing = null;
      if (this.isWaiting) this.goOn();
    });
  }
}
