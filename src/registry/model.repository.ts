import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { isTrainyardError } from '../common/errors/index.js';
import { MODEL_TABLE, type ModelItem } from './model.entity.js';
import type { ApprovalDecision, Model, ModelRegistration, ModelVersion } from './model.js';

const HEAD = 'head';
const LISTING = 'model';
const VERSION_DIGITS = 8;

/** Sorts as the numbers do. */
const versionKey = (version: number): string => `version#${String(version).padStart(VERSION_DIGITS, '0')}`;

@Injectable()
export class ModelRepository {
  constructor(@InjectTable(MODEL_TABLE) private readonly table: Table<ModelItem>) {}

  /** Registers under the next free number. The version's own item claims the number: two writers cannot share one. */
  async createVersion(registration: ModelRegistration, decision: ApprovalDecision, at: string): Promise<ModelVersion> {
    const { model, executionId } = registration;
    await this.ensureHead(model, at);
    for (;;) {
      const number = (await this.newestNumber(model)) + 1;
      try {
        const item = await this.table.create({
          model,
          item: versionKey(number),
          number,
          executionId,
          registration,
          approval: decision.status,
          decisions: [decision],
          createdAt: at,
        });
        await this.table.modify({ model, item: HEAD }, (head) =>
          (head.latestVersion ?? 0) >= number ? null : { latestVersion: number, updatedAt: at },
        );
        return toVersion(item);
      } catch (error) {
        // Somebody else took the number; the next one is free sooner or later.
        if (!isTrainyardError(error, 'CONFLICT')) throw error;
      }
    }
  }

  async findVersion(model: string, version: number): Promise<ModelVersion | null> {
    const item = await this.table.find({ model, item: versionKey(version) });
    return item && toVersion(item);
  }

  async findByExecution(executionId: string): Promise<ModelVersion | null> {
    const { items } = await this.table.query({ index: 'byExecution', partition: executionId, limit: 1 });
    return items[0] ? toVersion(items[0]) : null;
  }

  async findModel(model: string): Promise<Model | null> {
    const head = await this.table.find({ model, item: HEAD });
    return head && toModel(head);
  }

  async listModels(page: PageRequest): Promise<Page<Model>> {
    const { items, cursor } = await this.table.query({
      index: 'byListing',
      partition: LISTING,
      descending: true,
      ...page,
    });
    return { items: items.map(toModel), cursor };
  }

  /** Newest first. */
  async listVersions(model: string, page: PageRequest): Promise<Page<ModelVersion>> {
    const { items, cursor } = await this.table.query({
      partition: model,
      sort: { beginsWith: 'version#' },
      descending: true,
      ...page,
    });
    return { items: items.map(toVersion), cursor };
  }

  /** Null when the version does not exist. */
  async decide(model: string, version: number, decision: ApprovalDecision): Promise<ModelVersion | null> {
    const item = await this.table.modify({ model, item: versionKey(version) }, (current) => ({
      approval: decision.status,
      decisions: [...(current.decisions ?? []), decision],
    }));
    return item && toVersion(item);
  }

  deleteVersion(model: string, version: number): Promise<void> {
    return this.table.delete({ model, item: versionKey(version) });
  }

  private async ensureHead(model: string, at: string): Promise<void> {
    if (await this.table.find({ model, item: HEAD })) return;
    try {
      await this.table.create({ model, item: HEAD, listing: LISTING, latestVersion: 0, createdAt: at, updatedAt: at });
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
    }
  }

  /** Numbers are never given twice: the head remembers those of deleted versions. */
  private async newestNumber(model: string): Promise<number> {
    const [head, { items }] = await Promise.all([
      this.table.find({ model, item: HEAD }),
      this.table.query({ partition: model, sort: { beginsWith: 'version#' }, descending: true, limit: 1 }),
    ]);
    return Math.max(head?.latestVersion ?? 0, items[0]?.number ?? 0);
  }
}

function toVersion({ registration, number, approval, decisions, createdAt }: Stored<ModelItem>): ModelVersion {
  if (!registration || number === undefined || !approval) throw new Error('a model version item is incomplete');
  return {
    featureSet: null,
    warmStart: null,
    ...registration,
    version: number,
    approval,
    decisions: decisions ?? [],
    createdAt,
  };
}

function toModel({ model, latestVersion, createdAt, updatedAt }: Stored<ModelItem>): Model {
  return { name: model, latestVersion: latestVersion ?? 0, createdAt, updatedAt: updatedAt ?? createdAt };
}
