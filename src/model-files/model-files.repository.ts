import { Inject, Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { DATABASE, InjectTable, type Database, type Stored, type Table } from '../database/index.js';
import type { StoredModelFile } from './model-file.js';
import { MODEL_FILE_TABLE, type ModelFileItem } from './model-file.entity.js';

/** A file as kept, to be changed or removed conditionally. */
export interface KeptModelFile {
  readonly file: StoredModelFile;
  readonly generation: string;
  readonly stored: Stored<ModelFileItem>;
}

const FILE = 'file';
const ALL = 'all';
const TRIES = 10;

@Injectable()
export class ModelFilesRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @InjectTable(MODEL_FILE_TABLE) private readonly table: Table<ModelFileItem>,
  ) {}

  /** False when a file of these bytes exists. */
  async create(file: StoredModelFile, generation: string): Promise<boolean> {
    const { sha256, uploadedAt } = file;
    const position = `${uploadedAt}#${sha256}`;
    try {
      await this.table.create({ sha256, item: FILE, listing: ALL, position, file, generation });
      return true;
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return false;
      throw error;
    }
  }

  async find(sha256: string): Promise<KeptModelFile | null> {
    const stored = await this.table.find({ sha256, item: FILE });
    if (stored?.file === undefined || stored.generation === undefined) return null;
    return { file: stored.file, generation: stored.generation, stored };
  }

  /** Newest first. */
  async list(page: PageRequest): Promise<Page<StoredModelFile>> {
    const query = { index: 'byListing', partition: ALL, descending: true };
    const { items, cursor } = await this.table.query({ ...query, ...page });
    return { items: items.flatMap(({ file }) => file ?? []), cursor };
  }

  /** Together with a write to the file: a deletion that has not seen the usage fails. False when there is no such file. */
  async addUsage(sha256: string, executionId: string, usedAt: string): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const found = await this.find(sha256);
      if (found === null) return false;
      if ((await this.table.find(usageKey(sha256, executionId))) !== null) return true;
      try {
        await this.database.transact([
          this.table.toUpdate(found.stored, { usedAt }),
          this.table.toCreate({ ...usageKey(sha256, executionId), executionId }),
        ]);
        return true;
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT') || tries === TRIES) throw error;
      }
    }
  }

  async dropUsage(sha256: string, executionId: string): Promise<void> {
    await this.table.delete(usageKey(sha256, executionId));
  }

  async usersOf(sha256: string): Promise<string[]> {
    const users: string[] = [];
    for await (const { executionId } of this.table.queryAll({ partition: sha256, sort: { beginsWith: 'usage#' } })) {
      if (executionId !== undefined) users.push(executionId);
    }
    return users;
  }

  /** `CONFLICT` when it was used since it was read. */
  async delete({ stored }: KeptModelFile): Promise<void> {
    await this.database.transact([this.table.toDelete(stored)]);
  }
}

function usageKey(sha256: string, executionId: string): Pick<ModelFileItem, 'sha256' | 'item'> {
  return { sha256, item: `usage#${executionId}` };
}
