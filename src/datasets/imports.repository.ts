import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { IMPORT_TABLE, type ImportItem } from './dataset.entity.js';

/** Work on a dataset that a crash may leave half done. */
export interface PendingWork {
  readonly datasetId: string;
  /** The version's that is being written, or, in a deletion, the newest version's. */
  readonly generation: string;
}

const BEAT_MS = 20_000;
/** A process that has not renewed its entry for so long is taken for dead. */
export const SILENT_MS = 5 * 60_000;

/** The journal of pending work, and who creates what for which idempotency key. */
@Injectable()
export class ImportsRepository {
  constructor(
    @InjectTable(IMPORT_TABLE) private readonly table: Table<ImportItem>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Runs `work` with an entry in the journal, which stays when the process dies or `work` fails. */
  async journal<T>(pending: PendingWork, work: () => Promise<T>): Promise<T> {
    const entry = () =>
      this.table.put({ kind: 'pending', id: pending.generation, ...pending, beatAt: this.clock.now() });
    await entry();
    // A beat that fails is made up for by the next one: an entry is silent after fifteen of them.
    const timer = setInterval(() => void entry().catch(() => undefined), BEAT_MS);
    try {
      const result = await work();
      clearInterval(timer);
      await this.end(pending.generation);
      return result;
    } finally {
      clearInterval(timer);
    }
  }

  async end(generation: string): Promise<void> {
    await this.table.delete({ kind: 'pending', id: generation });
  }

  /** Entries whose process is dead: all of them when no other process uses the database, else the silent ones. */
  async listAbandoned(alone: boolean): Promise<PendingWork[]> {
    const abandoned: PendingWork[] = [];
    for await (const { datasetId, generation, beatAt } of this.table.queryAll({ partition: 'pending' })) {
      if (alone || beatAt < this.clock.now() - SILENT_MS) abandoned.push({ datasetId, generation });
    }
    return abandoned;
  }

  async isPending(generation: string): Promise<boolean> {
    return (await this.table.find({ kind: 'pending', id: generation })) !== null;
  }

  async findKey(keyHash: string): Promise<Stored<ImportItem> | null> {
    return this.table.find({ kind: 'key', id: keyHash });
  }

  /**
   * Ties the key to a dataset about to be created; `CONFLICT` when another request with the key is creating one. A tie
   * to a dataset that never came to be, or is gone, is replaced: its import is neither pending nor visible.
   */
  async tieKey(
    keyHash: string,
    fingerprint: string,
    work: PendingWork,
    exists: (datasetId: string) => Promise<boolean>,
  ): Promise<void> {
    const item: ImportItem = { kind: 'key', id: keyHash, fingerprint, ...work, beatAt: this.clock.now() };
    const found = await this.findKey(keyHash);
    if (found !== null && ((await this.isPending(found.generation)) || (await exists(found.datasetId)))) {
      throw keyBusy();
    }
    try {
      await (found === null ? this.table.create(item) : this.table.update(found, item));
    } catch (error) {
      throw isTrainyardError(error, 'CONFLICT') ? keyBusy() : error;
    }
  }
}

function keyBusy(): TrainyardError {
  return new TrainyardError(
    'CONFLICT',
    'another request with this Idempotency-Key is creating its dataset: repeat the request to get that dataset',
  );
}
