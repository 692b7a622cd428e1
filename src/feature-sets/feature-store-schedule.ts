import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { FeatureStoreCleaner } from './feature-store-cleaner.js';

const JOB = 'feature-store-cleaner';

/** Cleans the feature store up, on a schedule; a clean-up that is still under way when the next is due goes on alone. */
@Injectable()
export class FeatureStoreSchedule implements OnApplicationBootstrap {
  private readonly logger = new Logger('FeatureStore');

  constructor(
    private readonly cleaner: FeatureStoreCleaner,
    private readonly schedule: SchedulerRegistry,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
  ) {}

  onApplicationBootstrap(): void {
    const job = CronJob.from({
      cronTime: this.config.featureStore.cron,
      waitForCompletion: true,
      onTick: async () => this.cleanUp(),
    });
    this.schedule.addCronJob(JOB, job);
    job.start();
  }

  private async cleanUp(): Promise<void> {
    try {
      const { sets, packs, bytes } = await this.cleaner.clean();
      if (sets + packs > 0) this.logger.log(`removed ${sets} feature sets and ${packs} packs of ${bytes} bytes`);
    } catch (error) {
      this.logger.warn(`the clean-up failed and runs again at its next time: ${(error as Error).message}`);
    }
  }
}
