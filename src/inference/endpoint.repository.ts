import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { ENDPOINT_TABLE, type EndpointItem } from './endpoint.entity.js';
import type { Endpoint, EndpointActivity, EndpointStatus } from './endpoint.js';

const HEAD = 'head';
const LISTING = 'endpoint';
const ACTIVITY = 'activity#';

@Injectable()
export class EndpointRepository {
  constructor(@InjectTable(ENDPOINT_TABLE) private readonly table: Table<EndpointItem>) {}

  /** `CONFLICT` when the name is taken. */
  async create(endpoint: Omit<Endpoint, 'version'>): Promise<Endpoint> {
    const { name, idleMs, ...rest } = endpoint;
    const item = await this.table.create({
      ...rest,
      endpoint: name,
      item: HEAD,
      listing: LISTING,
      serves: serves(endpoint.model, endpoint.modelVersion),
      ...(idleMs === null ? {} : { idleMs }),
    });
    return toEndpoint(item);
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

  /** Names of the endpoints that serve a model version. */
  async namesServing(model: string, version: number): Promise<string[]> {
    const names: string[] = [];
    const query = { index: 'byModelVersion', partition: serves(model, version) };
    for await (const item of this.table.queryAll(query)) names.push(item.endpoint);
    return names;
  }

  /** Writes over exactly the state that the caller has seen; `CONFLICT` otherwise. */
  async changeStatus(seen: Endpoint, status: EndpointStatus, lastUsedAt = seen.lastUsedAt): Promise<Endpoint> {
    const current = { endpoint: seen.name, item: HEAD, createdAt: seen.createdAt, version: seen.version };
    return toEndpoint(await this.table.update(current, { status, lastUsedAt }));
  }

  /** Null when the endpoint is gone. */
  async touch(name: string, status: EndpointStatus, lastUsedAt: string): Promise<Endpoint | null> {
    const item = await this.table.modify({ endpoint: name, item: HEAD }, () => ({ status, lastUsedAt }));
    return item && toEndpoint(item);
  }

  delete(seen: Endpoint): Promise<void> {
    return this.table.delete({ endpoint: seen.name, item: HEAD }, seen.version);
  }

  record(name: string, activity: EndpointActivity): Promise<void> {
    const { at, ...rest } = activity;
    return this.table.put({ ...rest, endpoint: name, item: `${ACTIVITY}${newId('req')}`, createdAt: at });
  }

  /** Newest first. */
  async activity(name: string, page: PageRequest): Promise<Page<EndpointActivity>> {
    const { items, cursor } = await this.table.query({
      partition: name,
      sort: { beginsWith: ACTIVITY },
      descending: true,
      ...page,
    });
    return { items: items.map(toActivity), cursor };
  }
}

const serves = (model: string, version: number): string => `${model}/${version}`;

function toEndpoint(item: Stored<EndpointItem>): Endpoint {
  const { model, modelVersion, status, createdBy, createdAt } = item;
  if (!model || modelVersion === undefined || !status) throw new Error('an endpoint item is incomplete');
  return {
    name: item.endpoint,
    model,
    modelVersion,
    status,
    idleMs: item.idleMs ?? null,
    createdBy: createdBy ?? 'unknown',
    createdAt,
    lastUsedAt: item.lastUsedAt ?? createdAt,
    version: item.version,
  };
}

function toActivity({ createdAt, event, actor, reason }: Stored<EndpointItem>): EndpointActivity {
  if (!event) throw new Error('an endpoint activity item is incomplete');
  return { at: createdAt, event, actor: actor ?? 'unknown', reason: reason ?? '' };
}
