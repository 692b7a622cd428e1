import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type PreparedWrite, type Stored, type Table } from '../database/index.js';
import { EventsService, type NewEvent } from '../events/index.js';
import { ENDPOINT_TABLE, type EndpointItem } from './endpoint.entity.js';
import {
  ALL_TRAFFIC,
  changed,
  servedBy,
  type Endpoint,
  type EndpointChange,
  type NewEndpoint,
  type Served,
  type Variant,
} from './endpoint.js';

const HEAD = 'head';
const LISTING = 'endpoint';
const CHANGE_TRIES = 10;
const CHANGE_DELAY_MS = 10;
/** How far `findRecent` may be behind what another process wrote. */
const RECENT_MS = 1_000;

/** What is to become of the endpoint as it is now; null: nothing. */
type Decide = (current: Endpoint) => { readonly change: EndpointChange; readonly events: readonly NewEvent[] } | null;

/** Endpoints. What changes is written together with the events that tell of it. */
@Injectable()
export class EndpointRepository {
  private readonly recent = new Map<string, { readonly found: Promise<Endpoint | null>; readonly readAt: number }>();
  /** Writes of this process that are under way, by endpoint. */
  private readonly writes = new Map<string, Set<OwnWrite>>();

  constructor(
    @InjectTable(ENDPOINT_TABLE) private readonly table: Table<EndpointItem>,
    private readonly events: EventsService,
  ) {}

  /** `CONFLICT` when the name is taken. */
  async create(endpoint: NewEndpoint): Promise<Endpoint> {
    await this.events.commit([this.table.toCreate(itemOf(endpoint)), ...this.toClaim(null, endpoint)], []);
    return { ...endpoint, version: 1 };
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

  /** Names of the endpoints that serve a model version, by a variant or as a shadow. */
  async namesServing(model: string, version: number): Promise<string[]> {
    const names = new Set<string>();
    const query = { index: 'byModelVersion', partition: serves(model, version) };
    for await (const item of this.table.queryAll(query)) names.add(item.endpoint);
    return [...names];
  }

  /** Writes over exactly the state that the caller has seen; `CONFLICT` otherwise. */
  async changeSeen(seen: Endpoint, change: EndpointChange, events: readonly NewEvent[]): Promise<Endpoint> {
    const after = changed(seen, change);
    const update = this.table.toUpdate({ ...itemOf(seen), version: seen.version }, itemOf(after));
    const writes = [update, ...this.toClaim(seen, after)];
    return this.writing(seen.name, async () => {
      await this.events.commit(writes, events);
      return { ...after, version: seen.version + 1 };
    });
  }

  /**
   * Reads, decides and writes, again from the start when somebody else wrote meanwhile: times of use are written all the
   * time. `decide` gives null to leave everything. Null when the endpoint is gone.
   */
  async change(name: string, decide: Decide): Promise<Endpoint | null> {
    const current = await this.find(name);
    return current && this.changeFrom(current, decide);
  }

  /** The same, of what the caller has just seen: read again only when somebody else wrote meanwhile. */
  async changeFrom(seen: Endpoint, decide: Decide): Promise<Endpoint | null> {
    let current: Endpoint | null = seen;
    for (let tries = 1; current !== null; tries++) {
      const decision = decide(current);
      if (decision === null) return current;
      try {
        return await this.changeSeen(current, decision.change, decision.events);
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT') || tries === CHANGE_TRIES) throw error;
        await delay(Math.random() * CHANGE_DELAY_MS * tries);
        current = await this.find(seen.name);
      }
    }
    return null;
  }

  /** Null when the endpoint is gone. */
  async touch(name: string, lastUsedAt: string): Promise<Endpoint | null> {
    return this.writing(name, async () => {
      const item = await this.table.modify({ endpoint: name, item: HEAD }, () => ({ lastUsedAt }));
      return item && toEndpoint(item);
    });
  }

  /** Exactly what the caller has seen; `CONFLICT` otherwise. */
  async delete(seen: Endpoint, events: readonly NewEvent[]): Promise<void> {
    const writes = [this.table.toDelete({ ...itemOf(seen), version: seen.version }), ...this.toClaim(seen, null)];
    await this.writing(seen.name, async () => {
      await this.events.commit(writes, events);
      return null;
    });
  }

  /** The next `findRecent` reads what there is now. */
  forget(name: string): void {
    this.recent.delete(name);
  }

  /** What says that versions are in use, from one state to the next: only ever written together with the head. */
  private toClaim(before: NewEndpoint | null, after: NewEndpoint | null): PreparedWrite[] {
    const had = claimsOf(before);
    const has = claimsOf(after);
    const leaves = [...had.values()].filter(({ item }) => !has.has(item));
    const comes = [...has.values()].filter(({ item }) => !had.has(item));
    return [
      ...leaves.map((item) => this.table.toDelete({ ...item, version: 1 })),
      ...comes.map((item) => this.table.toCreate(item)),
    ];
  }

  /**
   * What was known is forgotten before, so that nobody joins a read from before the write, and afterwards, for what was
   * read meanwhile. What a write of ours left is known then, unless another one of ours, whose answer may come out of
   * turn, was under way at any time of it.
   */
  private async writing<Result extends Endpoint | null>(name: string, write: () => Promise<Result>): Promise<Result> {
    const others = this.writes.get(name) ?? new Set();
    const own: OwnWrite = { isAlone: others.size === 0 };
    for (const other of others) other.isAlone = false;
    this.writes.set(name, others.add(own));
    this.recent.delete(name);
    let result: Result | null = null;
    try {
      return (result = await write());
    } finally {
      others.delete(own);
      if (others.size === 0) this.writes.delete(name);
      this.recent.delete(name);
      if (result !== null && own.isAlone) {
        this.recent.set(name, { found: Promise.resolve(result), readAt: performance.now() });
      }
    }
  }
}

interface OwnWrite {
  isAlone: boolean;
}

const serves = (model: string, version: number): string => `${model}/${version}`;

/** By key. */
function claimsOf(endpoint: NewEndpoint | null): Map<string, EndpointItem> {
  if (endpoint === null) return new Map();
  const others = servedBy(endpoint).filter(({ modelVersion }) => modelVersion !== endpoint.modelVersion);
  return new Map(others.map((served) => [claimKey(served), claim(served, endpoint.createdAt)]));
}

const claimKey = ({ model, modelVersion }: Served): string => `serves#${serves(model, modelVersion)}`;

function claim(served: Served, createdAt: string): EndpointItem {
  const { name, model, modelVersion } = served;
  return {
    endpoint: name,
    item: claimKey(served),
    createdAt,
    model,
    modelVersion,
    serves: serves(model, modelVersion),
  };
}

/** With undefined where there is nothing, which removes it in an update. */
function itemOf(endpoint: NewEndpoint): EndpointItem {
  const { name, model, modelVersion, alias, variants, shadow, idleMs, keepWarm, storedShare, deletion, ...rest } =
    endpoint;
  const { createdAt, createdBy, lastUsedAt, stage, status } = rest;
  return {
    endpoint: name,
    item: HEAD,
    listing: LISTING,
    createdAt,
    createdBy,
    lastUsedAt,
    stage,
    status,
    model,
    modelVersion,
    serves: serves(model, modelVersion),
    alias: alias ?? undefined,
    variants: isPlain(variants) ? undefined : variants,
    shadow: shadow ?? undefined,
    idleMs: idleMs ?? undefined,
    keepWarm: keepWarm || undefined,
    storedShare: storedShare === 1 ? undefined : storedShare,
    deletion: deletion ?? undefined,
  };
}

/** One variant for everything, whose version and alias stand on the endpoint. */
function isPlain(variants: readonly Variant[]): boolean {
  const [first, ...others] = variants;
  return others.length === 0 && first?.name === ALL_TRAFFIC && first.weight === 1;
}

function toEndpoint(item: Stored<EndpointItem>): Endpoint {
  const { endpoint, model, modelVersion, status = 'Failed', createdBy, createdAt, alias = null } = item;
  return {
    name: endpoint,
    model,
    modelVersion,
    alias,
    variants: item.variants ?? [{ name: ALL_TRAFFIC, modelVersion, alias, weight: 1 }],
    shadow: item.shadow ?? null,
    stage: item.stage ?? 'staging',
    status,
    idleMs: item.idleMs ?? null,
    keepWarm: item.keepWarm ?? false,
    storedShare: item.storedShare ?? 1,
    createdBy: createdBy ?? 'unknown',
    createdAt,
    lastUsedAt: item.lastUsedAt ?? createdAt,
    deletion: item.deletion ?? null,
    version: item.version,
  };
}
