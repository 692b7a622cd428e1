import { Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { BATCH_TABLE, type BatchItem } from './batch-forecast.entity.js';
import type { BatchForecast } from './batch-forecast.js';

const LISTING = 'batch';
const OPEN = 'open';

/** As it was read; changing it needs it back. */
export interface StoredBatch extends BatchForecast {
  readonly stored: Stored<BatchItem>;
}

export type BatchChange = Partial<Omit<BatchItem, 'batchId' | 'listing' | 'createdAt' | 'request' | 'createdBy'>>;

@Injectable()
export class BatchForecastRepository {
  constructor(@InjectTable(BATCH_TABLE) private readonly table: Table<BatchItem>) {}

  async create(item: Pick<BatchItem, 'batchId' | 'createdAt' | 'request' | 'createdBy'>): Promise<StoredBatch> {
    return toBatch(
      await this.table.create({ ...item, status: 'QUEUED', listing: LISTING, open: OPEN, interruptions: 0 }),
    );
  }

  async find(batchId: string): Promise<StoredBatch | null> {
    const stored = await this.table.find({ batchId });
    return stored && toBatch(stored);
  }

  /** Newest first. */
  async list(page: PageRequest): Promise<Page<StoredBatch>> {
    const { items, cursor } = await this.table.query({
      index: 'byListing',
      partition: LISTING,
      descending: true,
      ...page,
    });
    return { items: items.map(toBatch), cursor };
  }

  /** What has not ended, oldest first, as it is now. */
  async *open(): AsyncGenerator<StoredBatch> {
    for await (const { batchId } of this.table.queryAll({ index: 'byOpen', partition: OPEN })) {
      const batch = await this.find(batchId);
      if (batch !== null) yield batch;
    }
  }

  /** Null when somebody else wrote meanwhile. */
  async changeSeen(seen: StoredBatch, change: BatchChange): Promise<StoredBatch | null> {
    try {
      return toBatch(await this.table.update(seen.stored, change));
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return null;
      throw error;
    }
  }

  async delete(batchId: string): Promise<void> {
    await this.table.delete({ batchId });
  }
}

function toBatch(stored: Stored<BatchItem>): StoredBatch {
  const { batchId, status, request, counts, firstSkipped, rows, error, interruptions, createdBy, createdAt } = stored;
  return {
    batchId,
    status,
    request,
    counts: counts ?? null,
    firstSkipped: firstSkipped ?? null,
    rows: rows ?? null,
    error: error ?? null,
    interruptions,
    createdBy,
    createdAt,
    finishedAt: stored.finishedAt ?? null,
    stored,
  };
}
