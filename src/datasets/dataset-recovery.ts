import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { DatasetCleaner } from './dataset-cleaner.js';
import { SCRATCH_FOLDER } from './import-runs.js';
import { ImportsRepository } from './imports.repository.js';

/** At start, ends what a crashed process left half done. The embedded database has no other user than this process. */
@Injectable()
export class DatasetRecovery implements OnApplicationBootstrap {
  private readonly logger = new Logger('Datasets');

  constructor(
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    private readonly imports: ImportsRepository,
    private readonly cleaner: DatasetCleaner,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const alone = this.config.database.kind === 'embedded';
    if (alone) await rm(join(this.config.dataDir, SCRATCH_FOLDER), { recursive: true, force: true });
    const abandoned = await this.imports.listAbandoned(alone);
    for (const work of abandoned) {
      await this.cleaner.settle(work);
      this.logger.warn(`settled work on dataset ${work.datasetId} that an earlier process did not finish`);
    }
  }
}
