import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { ArtifactStore } from './artifact.js';

const INTERVAL_MS = 60 * 60_000;
/** Far longer than any write takes. */
const OLDER_THAN_MS = 60 * 60_000;

/** Removes what crashes left behind, at start and every hour. */
@Injectable()
export class ArtifactSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Artifacts');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly store: ArtifactStore) {}

  onApplicationBootstrap(): void {
    this.running = this.sweep();
    this.timer = setInterval(() => {
      this.running = this.running.then(async () => this.sweep());
    }, INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.running;
  }

  private async sweep(): Promise<void> {
    try {
      const chunks = await this.store.sweep(OLDER_THAN_MS);
      if (chunks > 0) this.logger.log(`removed ${chunks} chunks that no artifact names`);
    } catch (error) {
      this.logger.warn(
        `the sweep of unfinished artifacts failed and runs again in an hour: ${(error as Error).message}`,
      );
    }
  }
}
