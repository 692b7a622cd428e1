import { Injectable } from '@nestjs/common';
import { TrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { TEMPLATE_TABLE, type TemplateItem } from './template.entity.js';
import type { TemplateSummary, TemplateVersion } from './template.js';

const NEWEST = 'newest';
const CREATED = 'created';
const LISTED = 'template';

/** The newest version as read, which an edit must hand back: it is replaced only if nobody else has done so. */
export interface StoredTemplate extends TemplateVersion {
  readonly firstCreatedAt: string;
  readonly stored: Stored<TemplateItem>;
}

/** Which template a request with an idempotency key has created. */
export interface CreationRecord {
  readonly templateId: string;
  /** Of the request's content, so that the key is not used for another one. */
  readonly requestHash: string;
}

@Injectable()
export class TemplatesRepository {
  constructor(@InjectTable(TEMPLATE_TABLE) private readonly table: Table<TemplateItem>) {}

  /** Writes version 1; `CONFLICT` when the id exists. */
  async create(version: TemplateVersion): Promise<void> {
    await this.table.create(newestItem(version, version.createdAt));
  }

  async findNewest(templateId: string): Promise<StoredTemplate | null> {
    const stored = await this.table.find({ templateId, item: NEWEST });
    return stored === null ? null : { ...readVersion(stored), firstCreatedAt: must(stored.firstCreatedAt), stored };
  }

  /** An older version; the newest is not among them. */
  async findOlder(templateId: string, version: number): Promise<TemplateVersion | null> {
    const stored = await this.table.find({ templateId, item: versionKey(version) });
    return stored === null ? null : readVersion(stored);
  }

  /** Older versions with these numbers, in the order of the numbers given. */
  async findOlderMany(templateId: string, versions: readonly number[]): Promise<TemplateVersion[]> {
    const found = await this.table.findMany(versions.map((version) => ({ templateId, item: versionKey(version) })));
    const byNumber = new Map(found.map((stored) => [stored.templateVersion, stored]));
    return versions.map((version) => readVersion(must(byNumber.get(version))));
  }

  /**
   * Makes `next` the newest version; `CONFLICT` when `current` no longer is. The copy of `current` is written first:
   * it says nothing new, so a crash in between leaves everything as it was.
   */
  async replaceNewest(current: StoredTemplate, next: TemplateVersion): Promise<void> {
    await this.table.put({ ...versionItem(current), item: versionKey(current.version) });
    await this.table.update(current.stored, newestItem(next, current.firstCreatedAt));
  }

  /** The newest item goes first, and with it the template; the older versions are unreachable from then on. */
  async delete(current: StoredTemplate): Promise<void> {
    await this.table.delete({ templateId: current.templateId, item: NEWEST }, current.stored.version);
    const older = Array.from({ length: current.version }, (_, at) => versionKey(at + 1));
    await this.table.deleteMany(older.map((item) => ({ templateId: current.templateId, item })));
  }

  /** Newest template first. */
  async list(request: PageRequest): Promise<Page<TemplateSummary>> {
    const page = await this.table.query({ index: 'listed', partition: LISTED, descending: true, ...request });
    return { items: page.items.map(summarise), cursor: page.cursor };
  }

  /** Ids of the templates whose newest version uses the dataset. */
  async listUsersOfDataset(datasetId: string): Promise<string[]> {
    const users: string[] = [];
    for await (const { templateId } of this.table.queryAll({ index: 'dataset', partition: datasetId })) {
      users.push(templateId);
    }
    return users;
  }

  /** Records which template the key creates, or gives the record that is there already. */
  async claimCreation(keyHash: string, record: CreationRecord): Promise<CreationRecord> {
    const key = { templateId: keyHash, item: CREATED };
    const found = await this.table.find(key);
    if (found !== null) return readRecord(found);
    try {
      await this.table.create({ ...key, createdTemplateId: record.templateId, requestHash: record.requestHash });
      return record;
    } catch (error) {
      const winner = await this.table.find(key);
      if (winner === null) throw error;
      return readRecord(winner);
    }
  }
}

/** Sorts by number: ten digits. */
function versionKey(version: number): string {
  return `v${String(version).padStart(10, '0')}`;
}

function versionItem(version: TemplateVersion): Omit<TemplateItem, 'item'> {
  const { templateId, version: templateVersion, name, description, given, parameters, createdAt, createdBy } = version;
  return { templateId, templateVersion, name, description, given, parameters, createdAt, createdBy };
}

/** Well under the 400 KB that an item may have, with room for the copy's attribute names. */
const MAXIMUM_ITEM_BYTES = 300_000;

function newestItem(version: TemplateVersion, firstCreatedAt: string): TemplateItem {
  const item: TemplateItem = {
    ...versionItem(version),
    item: NEWEST,
    listed: LISTED,
    datasetId: version.parameters.data.datasetId,
    firstCreatedAt,
  };
  const bytes = Buffer.byteLength(JSON.stringify(item));
  if (bytes <= MAXIMUM_ITEM_BYTES) return item;
  throw new TrainyardError(
    'LIMIT_EXCEEDED',
    `The template takes ${bytes} bytes, and the limit is ${MAXIMUM_ITEM_BYTES}: shorten its lists, for example with data.baseAssets "all"`,
    { path: '', value: bytes, limit: MAXIMUM_ITEM_BYTES },
  );
}

function readVersion(item: TemplateItem): TemplateVersion {
  return {
    templateId: item.templateId,
    version: must(item.templateVersion),
    name: must(item.name),
    description: item.description ?? '',
    given: must(item.given),
    parameters: must(item.parameters),
    createdAt: must(item.createdAt),
    createdBy: must(item.createdBy),
  };
}

function summarise(item: TemplateItem): TemplateSummary {
  const { templateId, version, name, parameters, createdAt, createdBy } = readVersion(item);
  return {
    templateId,
    name,
    version,
    algorithm: parameters.algorithm.name,
    targets: parameters.data.targets,
    datasetId: parameters.data.datasetId,
    createdAt: must(item.firstCreatedAt),
    updatedAt: createdAt,
    updatedBy: createdBy,
  };
}

function readRecord(item: TemplateItem): CreationRecord {
  return { templateId: must(item.createdTemplateId), requestHash: must(item.requestHash) };
}

/** Attributes that every item of its kind has. */
function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('an item of training-template lacks an attribute of its kind');
  return value;
}
