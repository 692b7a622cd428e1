import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { ExecutionLedger } from './execution-ledger.js';

/** Queues again what a dead process left running: at start, and as long as this process lives. */
@Injectable()
export class ExecutionsRecovery implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('ExecutionsRecovery');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly ledger: ExecutionLedger,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.ledger.requeueAbandoned();
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.look());
    }, this.config.training.leaseMs / 2).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async look(): Promise<void> {
    try {
      await this.ledger.requeueAbandoned();
    } catch (error) {
      this.logger.warn(`looking for abandoned executions: ${String(error)}`);
    }
  }
}
