import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../common/page.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import { InjectTable, type SortCondition, type Stored, type Table } from '../database/index.js';
import type { Activity, ExecutionStatus, FrozenRequest, LogLevel } from './execution.js';
import type { StoredEventType, StoredExecutionEvent } from './execution-events.js';
import type { Entry, ExecutionHead } from './execution-head.js';
import { EXECUTION_TABLE, IDEMPOTENCY_TABLE, type ExecutionItem, type IdempotencyItem } from './execution.entity.js';

/** A head as read, to be replaced conditionally. */
export interface StoredHead {
  readonly head: ExecutionHead;
  readonly stored: Stored<ExecutionItem>;
}

export interface ExecutionFilter {
  readonly status?: ExecutionStatus;
  readonly templateId?: string;
  readonly datasetId?: string;
  /** ISO 8601 in UTC with milliseconds; `from` belongs to the range, `to` does not. */
  readonly from?: string;
  readonly to?: string;
}

const HEAD = 'head';
const PREFIX = {
  status: 'status',
  log: 'log',
  epoch: 'epoch',
  completed: 'end',
  failed: 'end',
} as const satisfies Record<StoredEventType, string>;
const PREFIXES = [...new Set(Object.values(PREFIX))];
const SEQUENCE_DIGITS = 10;
/** Events read at a time for a replay. */
const REPLAY_WINDOW = 500;
/** Sort after and before every position, which begins with a year. */
const LAST = '~';
const FIRST = '!';

@Injectable()
export class ExecutionRepository {
  constructor(
    @InjectTable(EXECUTION_TABLE) private readonly table: Table<ExecutionItem>,
    @InjectTable(IDEMPOTENCY_TABLE) private readonly keys: Table<IdempotencyItem>,
  ) {}

  /** False when an execution of this id exists. With its head it exists; each attempt has a frozen item of its own. */
  async create(head: ExecutionHead, frozen: FrozenRequest): Promise<boolean> {
    const { executionId } = head;
    if ((await this.findHead(executionId)) !== null) return false;
    await this.table.put({ executionId, item: frozenKey(head), frozen });
    try {
      await this.table.create({
        executionId,
        item: HEAD,
        head,
        listing: 'all',
        position: `${head.createdAt}#${executionId}`,
        status: head.status,
        templateId: head.templateId,
        datasetId: head.datasetId,
      });
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return false;
      throw error;
    }
    await this.putEntries(executionId, head.tail);
    return true;
  }

  async findHead(executionId: string): Promise<StoredHead | null> {
    const stored = await this.table.find({ executionId, item: HEAD });
    return stored?.head === undefined ? null : { head: stored.head, stored };
  }

  /** `CONFLICT` when it was changed since it was read; the version that it has now. */
  async replaceHead({ stored }: StoredHead, head: ExecutionHead): Promise<number> {
    return (await this.table.update(stored, { head, status: head.status })).version;
  }

  async getFrozen(head: ExecutionHead): Promise<FrozenRequest> {
    const frozen = await this.findFrozen(head);
    if (frozen === null) throw executionNotFound(head.executionId);
    return frozen;
  }

  /** Null while the execution is being deleted. */
  async findFrozen(head: ExecutionHead): Promise<FrozenRequest | null> {
    const item = await this.table.find({ executionId: head.executionId, item: frozenKey(head) });
    // Executions of earlier versions do not have it.
    return item?.frozen === undefined ? null : { ...item.frozen, warmStart: item.frozen.warmStart ?? null };
  }

  async putEntries(executionId: string, entries: readonly Entry[]): Promise<void> {
    if (entries.length > 0) await this.table.putMany(entries.map((entry) => toItem(executionId, entry)));
  }

  async list(filter: ExecutionFilter, page: PageRequest, descending = true): Promise<Page<ExecutionHead>> {
    const { status, templateId, datasetId } = filter;
    const range =
      filter.from === undefined && filter.to === undefined
        ? undefined
        : { between: [filter.from ?? FIRST, filter.to ?? LAST] as const };
    const found = await this.table.query({ ...chooseIndex(filter), sort: range, descending, ...page });
    // An index may lag behind: what it says is checked against what was asked for, on the item itself.
    const heads = found.items.flatMap(({ head }) => (head === undefined ? [] : [head]));
    const matches = (head: ExecutionHead): boolean =>
      (status === undefined || head.status === status) &&
      (templateId === undefined || head.templateId === templateId) &&
      (datasetId === undefined || head.datasetId === datasetId);
    return { items: heads.filter(matches), cursor: found.cursor };
  }

  /** Every head of a status, oldest first; at most `limit`. */
  async listByStatus(status: ExecutionStatus, limit = Infinity): Promise<ExecutionHead[]> {
    const heads: ExecutionHead[] = [];
    if (limit <= 0) return heads;
    for await (const { head } of this.table.queryAll({ index: 'byStatus', partition: status })) {
      if (head !== undefined) heads.push(head);
      if (heads.length >= limit) break;
    }
    return heads;
  }

  /** Ids of executions of a template or dataset, the newest hundred: enough to refuse its deletion. */
  async idsOf(filter: Pick<ExecutionFilter, 'templateId' | 'datasetId'>): Promise<string[]> {
    const { items } = await this.list(filter, { limit: 100 });
    return items.map(({ executionId }) => executionId);
  }

  /**
   * Stored events after `sequence` in order, those included whose own items a crash left unwritten. What is committed
   * while this reads may be missing.
   */
  async *eventsAfter(executionId: string, sequence: number): AsyncGenerator<StoredExecutionEvent> {
    const found = await this.findHead(executionId);
    if (found === null) return;
    const { head } = found;
    for (let after = sequence; after < head.sequence; after += REPLAY_WINDOW) {
      const until = Math.min(after + REPLAY_WINDOW, head.sequence);
      const events = new Map<number, StoredExecutionEvent>();
      for (const event of eventsOf(head.tail)) {
        if (event.sequence > after && event.sequence <= until) events.set(event.sequence, event);
      }
      const pages = await Promise.all(PREFIXES.map((prefix) => this.eventRange(executionId, prefix, after, until)));
      for (const event of pages.flat()) events.set(event.sequence, event);
      yield* [...events.values()].sort((a, b) => a.sequence - b.sequence);
    }
  }

  async listEvents<Type extends StoredEventType>(
    executionId: string,
    type: Type,
    page: PageRequest & { readonly level?: LogLevel },
  ): Promise<Page<StoredExecutionEvent & { readonly type: Type }>> {
    const { level, ...request } = page;
    const found = await this.table.query({
      partition: executionId,
      sort: { beginsWith: `${PREFIX[type]}#` },
      ...(level === undefined ? {} : { where: { level } }),
      ...request,
    });
    const items = found.items.map(({ event }) => event as StoredExecutionEvent & { readonly type: Type });
    return { items, cursor: found.cursor };
  }

  async listActivity(executionId: string, page: PageRequest): Promise<Page<Activity>> {
    const found = await this.table.query({ partition: executionId, sort: { beginsWith: 'activity#' }, ...page });
    return { items: found.items.map(({ activity }) => activity as Activity), cursor: found.cursor };
  }

  /** The head last: until it is gone, deleting can be repeated. */
  async deleteAll(executionId: string, version: number): Promise<void> {
    const keys: Pick<ExecutionItem, 'executionId' | 'item'>[] = [];
    for await (const { item } of this.table.queryAll({ partition: executionId })) {
      if (item !== HEAD) keys.push({ executionId, item });
    }
    await this.table.deleteMany(keys);
    await this.table.delete({ executionId, item: HEAD }, version);
  }

  async findKey(key: string): Promise<IdempotencyItem | null> {
    return this.keys.find({ key });
  }

  /** The item that holds the key now: the given one, or that of whoever was faster. */
  async reserveKey(item: IdempotencyItem): Promise<IdempotencyItem> {
    try {
      return await this.keys.create(item);
    } catch (error) {
      const winner = isTrainyardError(error, 'CONFLICT') ? await this.keys.find({ key: item.key }) : null;
      if (winner === null) throw error;
      return winner;
    }
  }

  async deleteKey(key: string): Promise<void> {
    await this.keys.delete({ key });
  }

  private async eventRange(
    executionId: string,
    prefix: string,
    after: number,
    until: number,
  ): Promise<StoredExecutionEvent[]> {
    const sort: SortCondition = { between: [sortKey(prefix, after + 1), sortKey(prefix, until)] };
    const { items } = await this.table.query({ partition: executionId, sort, limit: REPLAY_WINDOW });
    return items.flatMap(({ event }) => (event === undefined ? [] : [event]));
  }
}

export function executionNotFound(executionId: string): TrainyardError {
  return new TrainyardError('EXECUTION_NOT_FOUND', `There is no execution "${executionId}"`, { executionId });
}

export function eventsOf(entries: readonly Entry[]): StoredExecutionEvent[] {
  return entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event] : []));
}

/** The most selective index there is for a filter, and the rest as a condition. */
function chooseIndex({ status, templateId, datasetId }: ExecutionFilter): {
  index: string;
  partition: string;
  where: Partial<ExecutionItem>;
} {
  if (templateId !== undefined) return { index: 'byTemplate', partition: templateId, where: { status, datasetId } };
  if (datasetId !== undefined) return { index: 'byDataset', partition: datasetId, where: { status } };
  if (status !== undefined) return { index: 'byStatus', partition: status, where: {} };
  return { index: 'byListing', partition: 'all', where: {} };
}

function toItem(executionId: string, entry: Entry): ExecutionItem {
  if (entry.kind === 'activity') {
    return { executionId, item: `activity#${entry.activity.at}#${entry.id}`, activity: entry.activity };
  }
  const { event } = entry;
  return {
    executionId,
    item: sortKey(PREFIX[event.type], event.sequence),
    event,
    ...(event.type === 'log' ? { level: event.data.level } : {}),
  };
}

function frozenKey({ frozenId }: ExecutionHead): string {
  return `frozen#${frozenId}`;
}

function sortKey(prefix: string, sequence: number): string {
  return `${prefix}#${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`;
}
