import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { DatasetCleaner } from './dataset-cleaner.js';
import { ImportWorker } from './import-worker/import-worker.js';
import { ImportsRepository, type PendingWork } from './imports.repository.js';
import type { ReadingOptions } from './rows/reading.js';
import type { UploadFormat } from './upload/file-format.js';

/** Files of imports that have to be read in another order than they arrive in. */
export const SCRATCH_FOLDER = 'scratch';

/** What imports and appends run in: a thread that reads and encodes, a journal while they write. */
@Injectable()
export class ImportRuns {
  constructor(
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    private readonly imports: ImportsRepository,
    private readonly cleaner: DatasetCleaner,
  ) {}

  async withWorker<T>(
    options: ReadingOptions,
    format: UploadFormat | null,
    work: (worker: ImportWorker) => Promise<T>,
  ): Promise<T> {
    const { rows, columns, assets, importBytes } = this.config.limits;
    const worker = new ImportWorker({
      options,
      limits: { rows, columns, assets },
      zipLimits: { entries: assets, bytes: importBytes },
      format,
      scratchDir: join(this.config.dataDir, SCRATCH_FOLDER, randomUUID()),
    });
    try {
      return await work(worker);
    } finally {
      await worker.close();
    }
  }

  /** Journals the work; when it fails, what it wrote is removed before the failure is answered. */
  async settling<T>(pending: PendingWork, work: () => Promise<T>): Promise<T> {
    return this.imports.journal(pending, async () => {
      try {
        return await work();
      } catch (error) {
        // Failing here, too, leaves the entry: the next start removes what is left.
        await this.cleaner.settle(pending).catch(() => undefined);
        throw error;
      }
    });
  }
}
