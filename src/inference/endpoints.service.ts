import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { EventsService, type NewEvent, type ServiceEvent } from '../events/index.js';
import { ModelAliases, RegistryService, type ModelVersion } from '../registry/index.js';
import { deploymentEvents, endpointEvent } from './endpoint-events.js';
import type { Endpoint, EndpointChange, EndpointStage } from './endpoint.js';
import { EndpointRepository } from './endpoint.repository.js';
import type { LoadedModel } from './loaded-model.js';
import { ModelCache } from './model-cache.js';

export interface CreateEndpointRequest {
  readonly name: string;
  readonly model: string;
  /** Null: that of the alias, or the newest. */
  readonly version: number | null;
  /** Null: it stays with its version. */
  readonly alias: string | null;
  readonly stage: EndpointStage;
  readonly idleMs: number | null;
}

/** Undefined leaves what there is; an alias of null ends following. */
export interface UpdateEndpointRequest {
  readonly model?: string;
  readonly version?: number;
  readonly alias?: string | null;
  readonly stage?: EndpointStage;
  readonly idleMs?: number | null;
  readonly reason?: string;
}

/** Who did it, by the name that stands in the history. */
type By = { readonly name: string };

/** The reaper's name in an endpoint's history. */
const REAPER = 'endpoint-reaper';

/** Times of use are written this often at most: each forecast would be a write more than it needs. */
const USE_WRITE_INTERVAL_MS = 1_000;

/** The life of endpoints: create, use, update, wake, reap, delete. */
@Injectable()
export class EndpointsService implements OnModuleInit {
  /** Requests under way, by endpoint: one that is being used is never reaped. */
  private readonly inFlight = new Map<string, number>();
  private readonly lastUseWritten = new Map<string, number>();

  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly events: EventsService,
    private readonly registry: RegistryService,
    private readonly aliases: ModelAliases,
    private readonly models: ModelCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.registry.registerUsageCheck('endpoints', async (model, version) =>
      (await this.endpoints.namesServing(model, version)).map((name) => `endpoint ${name}`),
    );
    this.aliases.registerGuard(async (alias, version) => {
      if (version.approval === 'Approved') return;
      for await (const endpoint of this.following(version.model, alias)) {
        if (endpoint.stage === 'production') assertApproved(version, endpoint.name);
      }
    });
  }

  async create(request: CreateEndpointRequest, by: By): Promise<Endpoint> {
    const { name, model, alias, stage, idleMs } = request;
    const version = await this.registry.getVersion(model, request.version ?? alias);
    if (alias !== null) await this.registry.getVersion(model, alias);
    if (stage === 'production') assertApproved(version, name);
    const at = isoTime(this.clock);
    const creating = await this.claimName({
      name,
      model: version.model,
      modelVersion: version.version,
      alias,
      stage,
      status: 'Creating',
      idleMs,
      createdBy: by.name,
      createdAt: at,
      lastUsedAt: at,
    });
    try {
      await this.models.use(creating, async () => undefined);
    } catch (error) {
      await this.endpoints.delete(creating, []);
      throw error;
    }
    const change = { status: 'InService' } as const;
    return this.endpoints.changeSeen(creating, change, deploymentEvents(null, creating, by.name, 'created'));
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
    throw notFound(name);
  }

  /** What happened to it, newest first; kept when it is deleted. */
  activity(name: string, page: PageRequest): Promise<Page<ServiceEvent>> {
    return this.events.list({ subject: `endpoints/${name}` }, page);
  }

  /**
   * Changes it in place. Another version is loaded first, while requests are answered by the present one; then the
   * endpoint names the new one, and the old one goes when its last request has ended: no request fails or waits.
   */
  async update(name: string, request: UpdateEndpointRequest, by: By): Promise<Endpoint> {
    const seen = await this.get(name);
    const target = await this.targetOf(seen, request);
    const { stage = seen.stage, alias, idleMs, reason } = request;
    if (stage === 'production') assertApproved(target, name);
    const isOther = target.model !== seen.model || target.version !== seen.modelVersion;
    const isServing = seen.status === 'InService' || seen.status === 'Updating';
    if (isOther && isServing) {
      await this.mark(name, 'Updating');
      try {
        await this.models.use({ name, model: target.model, modelVersion: target.version }, async () => undefined);
      } catch (error) {
        await this.mark(name, 'InService');
        this.models.release(name, seen);
        throw error;
      }
    }
    const updated = await this.endpoints.change(name, (current) => {
      const change: EndpointChange = {
        model: target.model,
        modelVersion: target.version,
        stage,
        ...(alias === undefined ? {} : { alias }),
        ...(idleMs === undefined ? {} : { idleMs }),
        ...(current.status === 'Updating' ? { status: 'InService' as const } : {}),
      };
      return { change, events: deploymentEvents(current, { ...current, ...change }, by.name, reason ?? null) };
    });
    if (updated === null) throw notFound(name);
    this.models.release(name, isServing ? updated : null);
    return updated;
  }

  /** Endpoints that follow an alias of a model. */
  async *following(model: string, alias: string): AsyncIterable<Endpoint> {
    for await (const endpoint of this.endpoints.all()) {
      if (endpoint.model === model && endpoint.alias === alias) yield endpoint;
    }
  }

  /** Its requests that are under way are answered. */
  async delete(name: string, by: By): Promise<void> {
    for (;;) {
      const seen = await this.get(name);
      const events = [
        endpointEvent('endpoint.retired', seen, by.name, 'deleted'),
        endpointEvent('endpoint.deleted', seen, by.name),
      ];
      try {
        await this.endpoints.delete(seen, events);
        break;
      } catch (error) {
        // A time of use was written meanwhile.
        if (!isTrainyardError(error, 'CONFLICT')) throw error;
      }
    }
    this.models.release(name, null);
  }

  /** Runs `use` with the endpoint's model, waking it first if it was reaped. */
  async withModel<Result>(
    name: string,
    by: By,
    use: (model: LoadedModel, endpoint: Endpoint) => Promise<Result>,
  ): Promise<Result> {
    this.inFlight.set(name, this.inUse(name) + 1);
    try {
      const endpoint = await this.endpoints.findRecent(name);
      if (endpoint === null) throw notFound(name);
      return await this.models.use(endpoint, async (model) => {
        if (endpoint.status === 'Idle' || endpoint.status === 'Failed') await this.wake(endpoint, by);
        else await this.noteUse(name);
        return use(model, endpoint);
      });
    } finally {
      await this.endUse(name);
    }
  }

  /** A request that read the endpoint before an update or a deletion may have brought the old version back. */
  private async endUse(name: string): Promise<void> {
    const left = this.inUse(name) - 1;
    if (left > 0) this.inFlight.set(name, left);
    else this.inFlight.delete(name);
    if (left > 0 || !this.models.holdsSeveral(name)) return;
    this.models.release(name, await this.endpoints.find(name));
  }

  /** Requests under way in this process. */
  inUse(name: string): number {
    return this.inFlight.get(name) ?? 0;
  }

  /** Takes an idle endpoint out of service. False when it was used meanwhile. */
  async reap(seen: Endpoint, reason: string): Promise<boolean> {
    return this.retire(seen, { status: 'Idle' }, endpointEvent('endpoint.reaped', seen, REAPER, reason));
  }

  /** Ends a creation or an update that its process did not end. */
  async clean(seen: Endpoint, reason: string): Promise<boolean> {
    const status = seen.status === 'Updating' ? 'InService' : 'Failed';
    const event = endpointEvent('endpoint.failed', seen, REAPER, reason);
    if (status === 'Failed') return this.retire(seen, { status }, event);
    return this.changeUnlessTaken(seen, { status }, event);
  }

  private async retire(seen: Endpoint, change: EndpointChange, event: NewEvent): Promise<boolean> {
    if (this.inUse(seen.name) > 0 || !(await this.changeUnlessTaken(seen, change, event))) return false;
    if (this.inUse(seen.name) === 0) this.models.release(seen.name, null);
    return true;
  }

  /** Conditional on what the decision was made from: a use that was written since then wins. */
  private async changeUnlessTaken(seen: Endpoint, change: EndpointChange, event: NewEvent): Promise<boolean> {
    try {
      await this.endpoints.changeSeen(seen, change, [event]);
      return true;
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return false;
      throw error;
    }
  }

  private async targetOf(seen: Endpoint, request: UpdateEndpointRequest): Promise<ModelVersion> {
    const { model = seen.model, version, alias } = request;
    if (typeof alias === 'string') {
      const aliased = await this.registry.getVersion(model, alias);
      return version === undefined ? aliased : this.registry.getVersion(model, version);
    }
    const isSameModel = model === seen.model;
    return this.registry.getVersion(model, version ?? (isSameModel ? seen.modelVersion : null));
  }

  private async mark(name: string, status: 'Updating' | 'InService'): Promise<void> {
    if ((await this.endpoints.change(name, () => ({ change: { status }, events: [] }))) === null) throw notFound(name);
  }

  private async claimName(endpoint: Omit<Endpoint, 'version'>): Promise<Endpoint> {
    try {
      return await this.endpoints.create(endpoint);
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
      throw new TrainyardError(
        'ENDPOINT_EXISTS',
        `There is an endpoint "${endpoint.name}" already: choose another name, update it, or delete it first`,
        { endpoint: endpoint.name },
      );
    }
  }

  /** Several callers may wake at once; one write, one line in the history. */
  private async wake(endpoint: Endpoint, by: By): Promise<void> {
    const change = { status: 'InService', lastUsedAt: isoTime(this.clock) } as const;
    const reason = `was ${endpoint.status}, asked for a forecast`;
    if (await this.changeUnlessTaken(endpoint, change, endpointEvent('endpoint.woken', endpoint, by.name, reason))) {
      this.lastUseWritten.set(endpoint.name, this.clock.now());
    }
  }

  private async noteUse(name: string): Promise<void> {
    const now = this.clock.now();
    if (now - (this.lastUseWritten.get(name) ?? -Infinity) < USE_WRITE_INTERVAL_MS) return;
    this.lastUseWritten.set(name, now);
    await this.endpoints.touch(name, isoTime(this.clock));
  }
}

function notFound(name: string): TrainyardError {
  return new TrainyardError('ENDPOINT_NOT_FOUND', `There is no endpoint "${name}"`, { endpoint: name });
}

function assertApproved({ model, version, approval }: ModelVersion, endpoint: string): void {
  if (approval === 'Approved') return;
  throw new TrainyardError(
    'MODEL_NOT_APPROVED',
    `Version ${version} of model "${model}" is ${approval} and endpoint "${endpoint}" is in production: approve it first (PUT /models/${model}/versions/${version}/approval), or use the stage staging`,
    { model, version, approval, endpoint },
  );
}
