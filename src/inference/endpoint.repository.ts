import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { EventsService, type NewEvent } from '../events/index.js';
import { ENDPOINT_TABLE, type EndpointItem } from './endpoint.entity.js';
import type { Endpoint, EndpointChange } from './endpoint.js';

const HEAD = 'head';
const LISTING = 'endpoint';
const CHANGE_TRIES = 10;
const CHANGE_DELAY_MS = 10;
/** How far `findRecent` may be behind what another process wrote. */
const RECENT_MS = 1_000;

/** Endpoints. What changes is written together with the events that tell of it. */
@Injectable()
export class EndpointRepository {
  private readonly recent = new Map<string, { readonly found: Promise<Endpoint | null>; readonly readAt: number }>();

  constructor(
    @InjectTable(ENDPOINT_TABLE) private readonly table: Table<EndpointItem>,
    private readonly events: EventsService,
  ) {}

  /** `CONFLICT` when the name is taken. */
  async create(endpoint: Omit<Endpoint, 'version'>): Promise<Endpoint> {
    const { name, createdAt, createdBy, status, model, modelVersion, lastUsedAt, ...rest } = endpoint;
    const item = await this.table.create({
      endpoint: name,
      item: HEAD,
      listing: LISTING,
      createdAt,
      createdBy,
      status,
      lastUsedAt,
      model,
      modelVersion,
      ...stored(endpoint, rest),
      serves: serves(model, modelVersion),
    });
    return toEndpoint(item);
  }

  async find(name: string): Promise<Endpoint | null> {
    const item = await this.table.find({ endpoint: name, item: HEAD });
    return item && toEndpoint(item);
  }

  /**
   * For requests that come by the thousand: what this process wrote is seen at once, what another one did within a
   * second.
   */
  async findRecent(name: string): Promise<Endpoint | null> {
    const known = this.recent.get(name);
    if (known !== undefined && performance.now() - known.readAt < RECENT_MS) return known.found;
    const found = this.find(name);
    const read = { found, readAt: performance.now() };
    this.recent.set(name, read);
    const forget = (): void => {
      if (this.recent.get(name) === read) this.recent.delete(name);
    };
    found.then((endpoint) => endpoint ?? forget(), forget);
    return found;
  }

  async list(page: PageRequest): Promise<Page<Endpoint>> {
    const { items, cursor } = await this.table.query({
      index: 'byListing',
      partition: LISTING,
      descending: true,
      ...page,
    });
    return { items: items.map(toEndpoint), cursor };
  }

  async *all(): AsyncIterable<Endpoint> {
    for await (const item of this.table.queryAll({ index: 'byListing', partition: LISTING })) yield toEndpoint(item);
  }

  /** Names of the endpoints that serve a model version. */
  async namesServing(model: string, version: number): Promise<string[]> {
    const names: string[] = [];
    const query = { index: 'byModelVersion', partition: serves(model, version) };
    for await (const item of this.table.queryAll(query)) names.push(item.endpoint);
    return names;
  }

  /** Writes over exactly the state that the caller has seen; `CONFLICT` otherwise. */
  async changeSeen(seen: Endpoint, change: EndpointChange, events: readonly NewEvent[]): Promise<Endpoint> {
    const current: Stored<EndpointItem> = { ...itemOf(seen), version: seen.version };
    await this.forgetting(seen.name, () =>
      this.events.commit([this.table.toUpdate(current, stored(seen, change))], events),
    );
    return { ...seen, ...change, version: seen.version + 1 };
  }

  /**
   * Reads, decides and writes, again from the start when somebody else wrote meanwhile: times of use are written all the
   * time. `decide` gives null to leave everything. Null when the endpoint is gone.
   */
  async change(
    name: string,
    decide: (current: Endpoint) => { readonly change: EndpointChange; readonly events: readonly NewEvent[] } | null,
  ): Promise<Endpoint | null> {
    for (let tries = 1; ; tries++) {
      const current = await this.find(name);
      if (current === null) return null;
      const decision = decide(current);
      if (decision === null) return current;
      try {
        return await this.changeSeen(current, decision.change, decision.events);
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT') || tries === CHANGE_TRIES) throw error;
        await delay(Math.random() * CHANGE_DELAY_MS * tries);
      }
    }
  }

  /** Null when the endpoint is gone. */
  async touch(name: string, lastUsedAt: string): Promise<Endpoint | null> {
    const item = await this.forgetting(name, () =>
      this.table.modify({ endpoint: name, item: HEAD }, () => ({ lastUsedAt })),
    );
    return item && toEndpoint(item);
  }

  /** Exactly what the caller has seen; `CONFLICT` otherwise. */
  async delete(seen: Endpoint, events: readonly NewEvent[]): Promise<void> {
    await this.forgetting(seen.name, () =>
      this.events.commit([this.table.toDelete({ ...itemOf(seen), version: seen.version })], events),
    );
  }

  /** Before, so that nobody joins a read from before the write; afterwards, for what was read meanwhile. */
  private async forgetting<Result>(name: string, write: () => Promise<Result>): Promise<Result> {
    this.recent.delete(name);
    try {
      return await write();
    } finally {
      this.recent.delete(name);
    }
  }
}

const serves = (model: string, version: number): string => `${model}/${version}`;

function itemOf({ name, createdAt, status, model, modelVersion }: Endpoint): EndpointItem {
  return {
    endpoint: name,
    item: HEAD,
    listing: LISTING,
    createdAt,
    status,
    model,
    modelVersion,
    serves: serves(model, modelVersion),
  };
}

function stored(current: Pick<Endpoint, 'model' | 'modelVersion'>, change: EndpointChange): Partial<EndpointItem> {
  const { alias, idleMs, model = current.model, modelVersion = current.modelVersion, ...rest } = change;
  return {
    ...rest,
    model,
    modelVersion,
    serves: serves(model, modelVersion),
    ...(alias === undefined ? {} : { alias: alias ?? undefined }),
    ...(idleMs === undefined ? {} : { idleMs: idleMs ?? undefined }),
  };
}

function toEndpoint(item: Stored<EndpointItem>): Endpoint {
  const { endpoint, model, modelVersion, status, createdBy, createdAt } = item;
  return {
    name: endpoint,
    model,
    modelVersion,
    alias: item.alias ?? null,
    stage: item.stage ?? 'staging',
    status,
    idleMs: item.idleMs ?? null,
    createdBy: createdBy ?? 'unknown',
    createdAt,
    lastUsedAt: item.lastUsedAt ?? createdAt,
    version: item.version,
  };
}
