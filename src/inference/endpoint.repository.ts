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

/** Endpoints. What changes is written together with the events that tell of it. */
@Injectable()
export class EndpointRepository {
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
    await this.events.commit([update, ...this.toClaim(seen, after)], events);
    return { ...after, version: seen.version + 1 };
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
    const item = await this.table.modify({ endpoint: name, item: HEAD }, () => ({ lastUsedAt }));
    return item && toEndpoint(item);
  }

  /** Exactly what the caller has seen; `CONFLICT` otherwise. */
  async delete(seen: Endpoint, events: readonly NewEvent[]): Promise<void> {
    const remove = this.table.toDelete({ ...itemOf(seen), version: seen.version });
    await this.events.commit([remove, ...this.toClaim(seen, null)], events);
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
  const { name, model, modelVersion, alias, variants, shadow, idleMs, keepWarm, deletion, ...rest } = endpoint;
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
    createdBy: createdBy ?? 'unknown',
    createdAt,
    lastUsedAt: item.lastUsedAt ?? createdAt,
    deletion: item.deletion ?? null,
    version: item.version,
  };
}
