import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { CLOCK, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { EndpointsService } from '../inference/index.js';
import { decideReaping } from './reaping-policy.js';

const JOB = 'endpoint-reaper';
const STUCK_MS = 10 * 60_000;

/** Takes endpoints that nobody uses out of service, on a schedule. */
@Injectable()
export class EndpointReaperService implements OnApplicationBootstrap {
  private readonly logger = new Logger('EndpointReaper');
  private sweeping: Promise<string[]> | null = null;

  constructor(
    private readonly endpoints: EndpointsService,
    private readonly schedule: SchedulerRegistry,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const job = CronJob.from({
      cronTime: this.config.endpoints.reaperCron,
      onTick: () => {
        this.sweep().catch((error: unknown) => this.logger.error(`sweep failed: ${String(error)}`));
      },
    });
    this.schedule.addCronJob(JOB, job);
    job.start();
  }

  /** One sweep over all endpoints; names of those taken out of service. A sweep under way is joined, not doubled. */
  sweep(): Promise<string[]> {
    this.sweeping ??= this.sweepOnce().finally(() => (this.sweeping = null));
    return this.sweeping;
  }

  private async sweepOnce(): Promise<string[]> {
    const rules = { idleMs: this.config.endpoints.idleMs, stuckMs: STUCK_MS };
    const retired: string[] = [];
    for await (const endpoint of this.endpoints.all()) {
      const inUse = this.endpoints.inUse(endpoint.name);
      const { action, reason } = decideReaping(endpoint, inUse, this.clock.now(), rules);
      if (action === 'keep') continue;
      const done =
        action === 'reap' ? await this.endpoints.reap(endpoint, reason) : await this.endpoints.clean(endpoint, reason);
      if (!done) continue;
      retired.push(endpoint.name);
      this.logger.log(`${endpoint.name}: ${action}, ${reason}`);
    }
    return retired;
  }
}
