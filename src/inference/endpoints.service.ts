import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import type { Actor } from '../common/http/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { RegistryService } from '../registry/index.js';
import type { Endpoint, EndpointActivity, EndpointEvent } from './endpoint.js';
import { EndpointRepository } from './endpoint.repository.js';
import type { LoadedModel } from './loaded-model.js';
import { ModelCache } from './model-cache.js';

export interface CreateEndpointRequest {
  readonly name: string;
  readonly model: string;
  /** Null: the newest. */
  readonly version: number | null;
  readonly idleMs: number | null;
}

/** The reaper's name in an endpoint's history. */
const REAPER = 'endpoint-reaper';

/** Times of use are written this often at most: each forecast would be a write more than it needs. */
const USE_WRITE_INTERVAL_MS = 1_000;

/** The life of endpoints: create, use, wake, reap, delete. */
@Injectable()
export class EndpointsService implements OnModuleInit {
  /** Requests under way, by endpoint: one that is being used is never reaped. */
  private readonly inFlight = new Map<string, number>();
  /** Deleted while in use: the last request frees the memory. */
  private readonly leaving = new Set<string>();
  private readonly lastUseWritten = new Map<string, number>();

  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly registry: RegistryService,
    private readonly models: ModelCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.registry.registerUsageCheck('endpoints', (model, version) => this.endpoints.namesServing(model, version));
  }

  async create(request: CreateEndpointRequest, actor: Actor): Promise<Endpoint> {
    const version = await this.registry.getVersion(request.model, request.version);
    const at = isoTime(this.clock);
    const creating = await this.claimName({
      name: request.name,
      model: version.model,
      modelVersion: version.version,
      status: 'Creating',
      idleMs: request.idleMs,
      createdBy: actor.name,
      createdAt: at,
      lastUsedAt: at,
    });
    try {
      await this.models.get(creating);
    } catch (error) {
      await this.endpoints.delete(creating);
      throw error;
    }
    const endpoint = await this.endpoints.changeStatus(creating, 'InService');
    await this.record(endpoint.name, 'created', actor.name, `serves ${version.model} version ${version.version}`);
    return endpoint;
  }

  list(page: PageRequest): Promise<Page<Endpoint>> {
    return this.endpoints.list(page);
  }

  all(): AsyncIterable<Endpoint> {
    return this.endpoints.all();
  }

  async get(name: string): Promise<Endpoint> {
    const endpoint = await this.endpoints.find(name);
    if (endpoint) return endpoint;
    throw new TrainyardError('ENDPOINT_NOT_FOUND', `There is no endpoint "${name}"`, { endpoint: name });
  }

  async activity(name: string, page: PageRequest): Promise<Page<EndpointActivity>> {
    await this.get(name);
    return this.endpoints.activity(name, page);
  }

  async delete(name: string, actor: Actor): Promise<void> {
    await this.endpoints.delete(await this.get(name));
    if (this.inUse(name) > 0) this.leaving.add(name);
    else await this.models.unload(name);
    await this.record(name, 'deleted', actor.name, 'deleted on request');
  }

  /** Runs `use` with the endpoint's model, waking it first if it was reaped. */
  async withModel<Result>(
    name: string,
    actor: Actor,
    use: (model: LoadedModel, endpoint: Endpoint) => Promise<Result>,
  ): Promise<Result> {
    this.inFlight.set(name, this.inUse(name) + 1);
    try {
      const endpoint = await this.get(name);
      const model = await this.models.get(endpoint);
      if (endpoint.status !== 'InService') await this.wake(endpoint, actor);
      else await this.noteUse(name);
      return await use(model, endpoint);
    } finally {
      await this.endUse(name);
    }
  }

  private async endUse(name: string): Promise<void> {
    const left = this.inUse(name) - 1;
    if (left > 0) {
      this.inFlight.set(name, left);
      return;
    }
    this.inFlight.delete(name);
    if (this.leaving.delete(name)) await this.models.unload(name);
  }

  /** Requests under way in this process. */
  inUse(name: string): number {
    return this.inFlight.get(name) ?? 0;
  }

  /** Takes an idle endpoint out of service. False when it was used meanwhile. */
  reap(seen: Endpoint, reason: string): Promise<boolean> {
    return this.retire(seen, 'Idle', 'reaped', reason);
  }

  /** Marks an endpoint whose creation never ended; its name is free again once it is deleted. */
  clean(seen: Endpoint, reason: string): Promise<boolean> {
    return this.retire(seen, 'Failed', 'cleaned', reason);
  }

  private async retire(
    seen: Endpoint,
    status: 'Idle' | 'Failed',
    event: EndpointEvent,
    reason: string,
  ): Promise<boolean> {
    if (this.inUse(seen.name) > 0) return false;
    try {
      // Conditional on what the decision was made from: a use that was written since then wins.
      await this.endpoints.changeStatus(seen, status);
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return false;
      throw error;
    }
    if (this.inUse(seen.name) === 0) await this.models.unload(seen.name);
    await this.record(seen.name, event, REAPER, reason);
    return true;
  }

  private async claimName(endpoint: Omit<Endpoint, 'version'>): Promise<Endpoint> {
    try {
      return await this.endpoints.create(endpoint);
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
      throw new TrainyardError(
        'ENDPOINT_EXISTS',
        `There is an endpoint "${endpoint.name}" already: choose another name, or delete it first`,
        { endpoint: endpoint.name },
      );
    }
  }

  /** Several callers may wake at once; one write, one line in the history. */
  private async wake(endpoint: Endpoint, actor: Actor): Promise<void> {
    try {
      await this.endpoints.changeStatus(endpoint, 'InService', isoTime(this.clock));
      this.lastUseWritten.set(endpoint.name, this.clock.now());
      await this.record(endpoint.name, 'woken', actor.name, `was ${endpoint.status}, asked for a forecast`);
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
    }
  }

  private async noteUse(name: string): Promise<void> {
    const now = this.clock.now();
    if (now - (this.lastUseWritten.get(name) ?? -Infinity) < USE_WRITE_INTERVAL_MS) return;
    this.lastUseWritten.set(name, now);
    await this.endpoints.touch(name, 'InService', isoTime(this.clock));
  }

  private record(name: string, event: EndpointEvent, actor: string, reason: string): Promise<void> {
    return this.endpoints.record(name, { at: isoTime(this.clock), event, actor, reason });
  }
}
