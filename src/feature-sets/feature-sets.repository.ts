import { gunzipSync, gzipSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import type { ProcessingPlan } from '../ml/processing/processing-plan.js';
import type { FeatureSet, FeatureSetColumn, FeatureSetUsage } from './feature-set.js';
import { FEATURE_SET_TABLE, type FeatureSetItem } from './feature-set.entity.js';

/** A feature set as kept, to be changed or removed conditionally. */
export interface StoredFeatureSet {
  readonly set: FeatureSet;
  readonly packs: readonly string[];
  readonly generation: string;
  readonly stored: Stored<FeatureSetItem>;
}

/** What a new set is written with. */
export interface NewFeatureSet {
  readonly set: FeatureSet;
  readonly lineage: string;
  readonly generation: string;
  readonly packs: readonly string[];
  readonly columns: readonly FeatureSetColumn[];
  readonly plan: ProcessingPlan;
}

const SET = 'set';
const ALL = 'all';
/** About 100 KB an item. */
const COLUMNS_PER_ITEM = 250;
const PLAN_CHARACTERS_PER_ITEM = 200_000;

@Injectable()
export class FeatureSetsRepository {
  constructor(@InjectTable(FEATURE_SET_TABLE) private readonly table: Table<FeatureSetItem>) {}

  /** Columns and plan first: with its `set` item a feature set exists. False when it existed already; nothing is left then. */
  async create({ set, lineage, generation, packs, columns, plan }: NewFeatureSet): Promise<boolean> {
    const { hash } = set;
    const described = Array.from({ length: Math.ceil(columns.length / COLUMNS_PER_ITEM) }, (_, at) => ({
      hash,
      item: columnsKey(generation, at),
      columns: columns.slice(at * COLUMNS_PER_ITEM, (at + 1) * COLUMNS_PER_ITEM),
    }));
    const planned = encodePlan(plan).map((text, at) => ({ hash, item: planKey(generation, at), plan: text }));
    const parts: Pick<FeatureSetItem, 'hash' | 'item' | 'columns' | 'plan'>[] = [...described, ...planned];
    await this.table.putMany(parts);
    const position = positionOf(set);
    try {
      await this.table.create({ hash, item: SET, listing: ALL, position, lineage, set, generation, packs });
      return true;
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
      await this.table.deleteMany(parts.map(({ item }) => ({ hash, item })));
      return false;
    }
  }

  async find(hash: string): Promise<StoredFeatureSet | null> {
    const stored = await this.table.find({ hash, item: SET });
    return stored === null ? null : read(stored);
  }

  /** Counts the set as used now, and adds packs that hold blocks of it; null when there is no such set. */
  async use(hash: string, usedAt: string, packs: readonly string[]): Promise<StoredFeatureSet | null> {
    const stored = await this.table.modify({ hash, item: SET }, ({ set, packs: known = [] }) => {
      if (set === undefined) return null;
      return { set: { ...set, usedAt }, packs: [...new Set([...known, ...packs])] };
    });
    return stored === null ? null : read(stored);
  }

  async addUsage(set: FeatureSet, usage: FeatureSetUsage): Promise<void> {
    const { hash } = set;
    const { executionId, datasetId, datasetVersion } = usage;
    await this.table.putMany([
      { hash, item: usageKey(executionId), executionId, usage },
      { hash, item: datasetKey(datasetId), datasetId, datasetVersion, position: positionOf(set) },
    ]);
  }

  async listColumns({ set, generation }: StoredFeatureSet): Promise<FeatureSetColumn[]> {
    const columns: FeatureSetColumn[] = [];
    const sort = { beginsWith: `columns#${generation}#` };
    for await (const item of this.table.queryAll({ partition: set.hash, sort })) columns.push(...(item.columns ?? []));
    return columns;
  }

  async getPlan({ set: { hash }, generation }: StoredFeatureSet): Promise<ProcessingPlan> {
    let text = '';
    const sort = { beginsWith: `plan#${generation}#` };
    for await (const { plan = '' } of this.table.queryAll({ partition: hash, sort })) text += plan;
    if (text === '') throw new Error(`feature set ${hash} has no plan`);
    return JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString()) as ProcessingPlan;
  }

  /** A dataset version with the rows of the set; null when no dataset has them any more. */
  async findDataset(hash: string): Promise<{ readonly datasetId: string; readonly datasetVersion: number } | null> {
    const { items } = await this.table.query({ partition: hash, sort: { beginsWith: 'dataset#' }, limit: 1 });
    const { datasetId, datasetVersion } = items[0] ?? {};
    return datasetId === undefined || datasetVersion === undefined ? null : { datasetId, datasetVersion };
  }

  async listUsages(hash: string, page: PageRequest): Promise<Page<FeatureSetUsage>> {
    const { items, cursor } = await this.table.query({ partition: hash, sort: { beginsWith: 'usage#' }, ...page });
    return { items: items.flatMap(({ usage }) => (usage === undefined ? [] : [usage])), cursor };
  }

  /** Newest first; of a dataset: those that executions over it used. */
  async list(datasetId: string | undefined, page: PageRequest): Promise<Page<FeatureSet>> {
    if (datasetId === undefined) {
      const found = await this.table.query({ index: 'byListing', partition: ALL, descending: true, ...page });
      return { items: found.items.flatMap(({ set }) => (set === undefined ? [] : [set])), cursor: found.cursor };
    }
    const found = await this.table.query({ index: 'byDataset', partition: datasetId, descending: true, ...page });
    const sets = await this.table.findMany(found.items.map(({ hash }) => ({ hash, item: SET })));
    const byHash = new Map(sets.map((item) => [item.hash, item.set]));
    return { items: found.items.flatMap(({ hash }) => byHash.get(hash) ?? []), cursor: found.cursor };
  }

  /** Sets of a lineage, newest first, at most `limit`. */
  async listLineage(lineage: string, limit: number): Promise<FeatureSet[]> {
    const found = await this.table.query({ index: 'byLineage', partition: lineage, descending: true, limit });
    return found.items.flatMap(({ set }) => (set === undefined ? [] : [set]));
  }

  /** Every set, oldest first. */
  async *all(): AsyncGenerator<FeatureSet> {
    for await (const { set } of this.table.queryAll({ index: 'byListing', partition: ALL })) if (set) yield set;
  }

  /** Sets that an execution used. */
  async hashesOfExecution(executionId: string): Promise<string[]> {
    return this.hashesOf('byExecution', executionId);
  }

  /** Sets that executions over a dataset used. */
  async hashesOfDataset(datasetId: string): Promise<string[]> {
    return this.hashesOf('byDataset', datasetId);
  }

  async listDatasets(hash: string): Promise<string[]> {
    const ids: string[] = [];
    for await (const { datasetId } of this.table.queryAll({ partition: hash, sort: { beginsWith: 'dataset#' } })) {
      if (datasetId !== undefined) ids.push(datasetId);
    }
    return ids;
  }

  async removeUsages(executionId: string, hashes: readonly string[]): Promise<void> {
    await this.table.deleteMany(hashes.map((hash) => ({ hash, item: usageKey(executionId) })));
  }

  async removeDataset(datasetId: string, hashes: readonly string[]): Promise<void> {
    await this.table.deleteMany(hashes.map((hash) => ({ hash, item: datasetKey(datasetId) })));
  }

  /** False when the set was used since it was read. What is left of it afterwards belongs to no set. */
  async remove({ set: { hash }, generation, stored }: StoredFeatureSet): Promise<boolean> {
    try {
      await this.table.delete({ hash, item: SET }, stored.version);
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return false;
      throw error;
    }
    const left: Pick<FeatureSetItem, 'hash' | 'item'>[] = [];
    for (const prefix of [`columns#${generation}#`, `plan#${generation}#`, 'dataset#']) {
      const items = this.table.queryAll({ partition: hash, sort: { beginsWith: prefix } });
      for await (const { item } of items) left.push({ hash, item });
    }
    await this.table.deleteMany(left);
    return true;
  }

  private async hashesOf(index: 'byExecution' | 'byDataset', partition: string): Promise<string[]> {
    const hashes: string[] = [];
    for await (const { hash } of this.table.queryAll({ index, partition })) hashes.push(hash);
    return hashes;
  }
}

function read(stored: Stored<FeatureSetItem>): StoredFeatureSet {
  const { hash, set, generation, packs } = stored;
  if (set === undefined || generation === undefined) throw new Error(`the item of feature set ${hash} is incomplete`);
  return { set, generation, packs: packs ?? [], stored };
}

function positionOf({ createdAt, hash }: FeatureSet): string {
  return `${createdAt}#${hash}`;
}

function columnsKey(generation: string, at: number): string {
  return `columns#${generation}#${String(at).padStart(6, '0')}`;
}

function planKey(generation: string, at: number): string {
  return `plan#${generation}#${String(at).padStart(6, '0')}`;
}

function encodePlan(plan: ProcessingPlan): string[] {
  const text = gzipSync(JSON.stringify(plan)).toString('base64');
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += PLAN_CHARACTERS_PER_ITEM) {
    parts.push(text.slice(at, at + PLAN_CHARACTERS_PER_ITEM));
  }
  return parts;
}

function usageKey(executionId: string): string {
  return `usage#${executionId}`;
}

function datasetKey(datasetId: string): string {
  return `dataset#${datasetId}`;
}
