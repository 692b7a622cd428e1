import { Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { EventsService, type EventType, type NewEvent } from '../events/index.js';
import { MODEL_TABLE, type ModelItem } from './model.entity.js';
import {
  MANUAL,
  type ApprovalDecision,
  type ApprovalPolicy,
  type ApprovalStatus,
  type Description,
  type Model,
  type ModelAlias,
  type ModelRegistration,
  type ModelVersion,
} from './model.js';

const HEAD = 'head';
const LISTING = 'model';
const VERSION_DIGITS = 8;
const CHANGE_TRIES = 10;
const ALIAS = 'alias#';

/** Sorts as the numbers do. */
const versionKey = (version: number): string => `version#${String(version).padStart(VERSION_DIGITS, '0')}`;

const DECIDED: Readonly<Record<ApprovalStatus, EventType>> = {
  Approved: 'model.approved',
  Rejected: 'model.rejected',
  PendingManualApproval: 'model.reopened',
};

/** Models, versions and aliases. What changes is written together with the event that tells of it. */
@Injectable()
export class ModelRepository {
  constructor(
    @InjectTable(MODEL_TABLE) private readonly table: Table<ModelItem>,
    private readonly events: EventsService,
  ) {}

  /** Registers under the next free number. The version's own item claims the number: two writers cannot share one. */
  async createVersion(registration: ModelRegistration, decision: ApprovalDecision, at: string): Promise<ModelVersion> {
    const { model, executionId } = registration;
    await this.ensureHead(model, at);
    for (;;) {
      const number = (await this.newestNumber(model)) + 1;
      const item: ModelItem = {
        model,
        item: versionKey(number),
        number,
        executionId,
        registration,
        approval: decision.status,
        decisions: [decision],
        createdAt: at,
      };
      const { datasetId, datasetVersion, algorithm } = registration;
      const data = { executionId, algorithm, datasetId, datasetVersion };
      try {
        await this.events.commit(
          [this.table.toCreate(item)],
          [{ type: 'model.registered', actor: decision.actor, model, modelVersion: number, data }],
        );
      } catch (error) {
        // Somebody else took the number; the next one is free sooner or later.
        if (isTrainyardError(error, 'CONFLICT')) continue;
        throw error;
      }
      await this.table.modify({ model, item: HEAD }, (head) =>
        (head.latestVersion ?? 0) >= number ? null : { latestVersion: number, updatedAt: at },
      );
      return toVersion(item);
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
    const { status, actor, reason } = decision;
    const item = await this.change(
      versionKey(version),
      { type: DECIDED[status], actor, reason, model, modelVersion: version },
      (current) => ({ approval: status, decisions: [...(current.decisions ?? []), decision] }),
    );
    return item && toVersion(item);
  }

  /** Null when there is no such version. */
  async describeVersion(
    model: string,
    version: number,
    change: Partial<Description>,
    actor: string,
  ): Promise<ModelVersion | null> {
    const event: NewEvent = { type: 'model.changed', actor, model, modelVersion: version, data: { ...change } };
    const item = await this.change(versionKey(version), event, () => storedDescription(change));
    return item && toVersion(item);
  }

  /** Null when there is no such model. */
  async changeModel(
    model: string,
    { policy, ...description }: Partial<Description> & { readonly policy?: ApprovalPolicy },
    actor: string,
    at: string,
  ): Promise<Model | null> {
    const data = { ...description, ...(policy && { policy }) };
    const item = await this.change(HEAD, { type: 'model.changed', actor, model, data }, () => ({
      ...storedDescription(description),
      ...(policy && { policy }),
      updatedAt: at,
    }));
    return item && toModel(item);
  }

  async deleteVersion(model: string, version: number, actor: string): Promise<void> {
    const item = await this.table.find({ model, item: versionKey(version) });
    if (item === null) return;
    const event: NewEvent = { type: 'model.deleted', actor, model, modelVersion: version };
    await this.events.commit([this.table.toDelete(item)], [event]);
  }

  async findAlias(model: string, alias: string): Promise<ModelAlias | null> {
    const item = await this.table.find({ model, item: `${ALIAS}${alias}` });
    return item && toAlias(item);
  }

  /** By name. */
  async listAliases(model: string): Promise<ModelAlias[]> {
    const aliases: ModelAlias[] = [];
    for await (const item of this.table.queryAll({ partition: model, sort: { beginsWith: ALIAS } })) {
      aliases.push(toAlias(item));
    }
    return aliases;
  }

  /** `CONFLICT` when somebody else moved it meanwhile. */
  async setAlias(
    model: string,
    alias: string,
    version: number,
    reason: string | null,
    actor: string,
    at: string,
  ): Promise<ModelAlias> {
    const key = { model, item: `${ALIAS}${alias}` };
    const current = await this.table.find(key);
    if (current?.number === version) return toAlias(current);
    const item: ModelItem = { ...key, number: version, setBy: actor, createdAt: at };
    const write = current
      ? this.table.toUpdate(current, { number: version, setBy: actor, createdAt: at })
      : this.table.toCreate(item);
    const data = { alias, previousVersion: current?.number ?? null };
    await this.events.commit([write], [{ type: 'alias.set', actor, reason, model, modelVersion: version, data }]);
    return toAlias(item);
  }

  /** False when there is none. */
  async removeAlias(model: string, alias: string, actor: string): Promise<boolean> {
    const current = await this.table.find({ model, item: `${ALIAS}${alias}` });
    if (current === null) return false;
    const { version } = toAlias(current);
    const event: NewEvent = { type: 'alias.removed', actor, model, modelVersion: version, data: { alias } };
    await this.events.commit([this.table.toDelete(current)], [event]);
    return true;
  }

  /** Reads, changes and writes with the event, again from the start after a conflict. Null where there is no item. */
  private async change(
    item: string,
    event: NewEvent,
    change: (current: Stored<ModelItem>) => Partial<ModelItem>,
  ): Promise<Stored<ModelItem> | null> {
    const key = { model: event.model, item } as const;
    for (let tries = 1; ; tries++) {
      const current = await this.table.find(key);
      if (current === null) return null;
      const wanted = change(current);
      try {
        await this.events.commit([this.table.toUpdate(current, wanted)], [event]);
        return { ...current, ...wanted, version: current.version + 1 };
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT') || tries === CHANGE_TRIES) throw error;
      }
    }
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

/** Empty text removes the description. */
function storedDescription({ description, tags }: Partial<Description>): Partial<ModelItem> {
  return {
    ...(description === undefined
      ? {}
      : { description: description === '' || description === null ? undefined : description }),
    ...(tags === undefined ? {} : { tags }),
  };
}

function described({ description, tags }: ModelItem): Description {
  return { description: description ?? null, tags: tags ?? {} };
}

function toVersion(item: ModelItem): ModelVersion {
  const { registration, number, approval, decisions, createdAt } = item;
  if (!registration || number === undefined || !approval) throw new Error('a model version item is incomplete');
  return {
    featureSet: null,
    warmStart: null,
    ...registration,
    version: number,
    approval,
    decisions: decisions ?? [],
    ...described(item),
    createdAt,
  };
}

function toModel(item: ModelItem): Model {
  const { model, latestVersion, policy, createdAt, updatedAt } = item;
  return {
    name: model,
    latestVersion: latestVersion ?? 0,
    policy: policy ?? MANUAL,
    ...described(item),
    createdAt,
    updatedAt: updatedAt ?? createdAt,
  };
}

function toAlias({ item, number, setBy, createdAt }: ModelItem): ModelAlias {
  if (number === undefined) throw new Error('a model alias item is incomplete');
  return { alias: item.slice(ALIAS.length), version: number, setBy: setBy ?? 'unknown', setAt: createdAt };
}
