import { Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { EventsService, type NewEvent } from '../events/index.js';
import { MONITOR_TABLE, type MonitorItem } from './monitor.entity.js';
import type { DriftState, Monitor, MonitorRun } from './monitor.js';

const HEAD = 'head';
const LISTING = 'monitor';
const RUN = 'run#';
const UNTOLD: DriftState = { status: 'unknown', since: null, runId: null };

/** A monitor as it was read; changing it needs it back. */
export interface StoredMonitor extends Monitor {
  readonly stored: Stored<MonitorItem>;
}

export type MonitorChange = Partial<Omit<Monitor, 'endpoint' | 'createdAt' | 'createdBy'>>;

@Injectable()
export class MonitorRepository {
  constructor(
    @InjectTable(MONITOR_TABLE) private readonly table: Table<MonitorItem>,
    private readonly events: EventsService,
  ) {}

  async create(
    monitor: Pick<Monitor, 'endpoint' | 'settings' | 'nextRunAt' | 'createdBy' | 'createdAt'>,
  ): Promise<void> {
    await this.table.create({ ...monitor, item: HEAD, listing: LISTING });
  }

  async find(endpoint: string): Promise<StoredMonitor | null> {
    const stored = await this.table.find({ endpoint, item: HEAD });
    return stored && toMonitor(stored);
  }

  /** Those whose next run is due, and those that never had one, the longest overdue first. */
  async *due(now: string): AsyncGenerator<StoredMonitor> {
    const query = { index: 'byNextRun', partition: LISTING, sort: { lessThan: now } } as const;
    for await (const item of this.table.queryAll(query)) {
      // An index may lag behind: what decides is the item.
      const monitor = await this.find(item.endpoint);
      if (monitor !== null && monitor.nextRunAt < now) yield monitor;
    }
  }

  async *all(): AsyncGenerator<StoredMonitor> {
    for await (const item of this.table.queryAll({ index: 'byNextRun', partition: LISTING })) yield toMonitor(item);
  }

  /** Writes over exactly the state that the caller has seen; null when somebody else wrote meanwhile. */
  async changeSeen(seen: StoredMonitor, change: MonitorChange): Promise<StoredMonitor | null> {
    try {
      return toMonitor(await this.table.update(seen.stored, toItem(change)));
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return null;
      throw error;
    }
  }

  /**
   * Reads, decides and writes with what tells of it, and with a run where there is one, again from the start when somebody
   * else wrote meanwhile. Null when the monitor is gone, and then nothing is written.
   */
  async change(
    endpoint: string,
    decide: (current: Monitor) => { readonly change: MonitorChange; readonly events: readonly NewEvent[] },
    run?: (events: readonly NewEvent[]) => MonitorRun,
  ): Promise<StoredMonitor | null> {
    for (;;) {
      const seen = await this.find(endpoint);
      if (seen === null) return null;
      const { change, events } = decide(seen);
      const writes = [
        this.table.toUpdate(seen.stored, toItem(change)),
        ...(run === undefined ? [] : [this.table.toCreate(runItem(run(events)))]),
      ];
      try {
        await this.events.commit(writes, events);
        return await this.find(endpoint);
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT')) throw error;
      }
    }
  }

  /** Its runs stay. */
  async delete(endpoint: string): Promise<void> {
    await this.table.delete({ endpoint, item: HEAD });
  }

  /** Newest first. */
  async listRuns(endpoint: string, page: PageRequest): Promise<Page<MonitorRun>> {
    const sort = { beginsWith: RUN };
    const { items, cursor } = await this.table.query({ partition: endpoint, sort, descending: true, ...page });
    return { items: items.map(toRun), cursor };
  }
}

/** Null ends an optional field. */
function toItem({ runningUntil, retraining, lastRunAt, ...rest }: MonitorChange): Partial<MonitorItem> {
  return {
    ...rest,
    ...(runningUntil === undefined ? {} : { runningUntil: runningUntil ?? undefined }),
    ...(retraining === undefined ? {} : { retraining: retraining ?? undefined }),
    ...(lastRunAt === undefined ? {} : { lastRunAt: lastRunAt ?? undefined }),
  };
}

function toMonitor(stored: Stored<MonitorItem>): StoredMonitor {
  return {
    endpoint: stored.endpoint,
    settings: stored.settings!,
    inputs: stored.inputs ?? UNTOLD,
    error: stored.error ?? UNTOLD,
    retraining: stored.retraining ?? null,
    retrainings: stored.retrainings ?? 0,
    lastRunAt: stored.lastRunAt ?? null,
    nextRunAt: stored.nextRunAt!,
    runningUntil: stored.runningUntil ?? null,
    createdBy: stored.createdBy!,
    createdAt: stored.createdAt,
    stored,
  };
}

function runItem({ runId, at, findings, failure, ...rest }: MonitorRun): MonitorItem {
  return {
    ...rest,
    item: `${RUN}${runId}`,
    createdAt: at,
    ...(findings === null ? {} : { findings }),
    ...(failure === null ? {} : { failure }),
  };
}

function toRun({ endpoint, item, createdAt, by, findings, failure, told }: Stored<MonitorItem>): MonitorRun {
  return {
    runId: item.slice(RUN.length),
    endpoint,
    at: createdAt,
    by: by!,
    findings: findings ?? null,
    failure: failure ?? null,
    told: told ?? [],
  };
}
