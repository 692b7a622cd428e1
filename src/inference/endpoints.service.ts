import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { EventsService, type ServiceEvent } from '../events/index.js';
import { ModelAliases, RegistryService } from '../registry/index.js';
import { DeploymentPlan, type Deployment, type DeploymentRequest } from './deployment-plan.js';
import { assertApproved, assertNotDeleting, endpointNotFound } from './endpoint-errors.js';
import { deploymentEvents, retirementEvents } from './endpoint-events.js';
import { EndpointRetirement } from './endpoint-retirement.js';
import {
  aliasesOf,
  answeringVersions,
  changed,
  firstOf,
  isAsleep,
  servedBy,
  type Endpoint,
  type EndpointChange,
  type EndpointStage,
  type NewEndpoint,
  type Variant,
} from './endpoint.js';
import { EndpointRepository } from './endpoint.repository.js';
import { EndpointUse, type By } from './endpoint-use.js';
import type { LoadedModel } from './loaded-model.js';
import { ModelCache } from './model-cache.js';
import type { VariantWish } from './variant-choice.js';

/** Undefined leaves what there is. */
interface EndpointSettings {
  readonly stage?: EndpointStage;
  /** Null: the installation's. */
  readonly idleMs?: number | null;
  readonly keepWarm?: boolean;
  readonly storedShare?: number;
}

export interface CreateEndpointRequest extends DeploymentRequest, EndpointSettings {
  readonly name: string;
  readonly model: string;
}

export interface UpdateEndpointRequest extends DeploymentRequest, EndpointSettings {
  readonly reason?: string;
}

/** How long a deletion waits for the requests that are under way: their predictions are kept either way. */
const DRAIN_MS = 30_000;

/** Who acts where nobody asked. */
const SERVICE: By = { name: 'trainyard' };

/** The life of endpoints: create, use, update, delete. Reaping is in `EndpointRetirement`. */
@Injectable()
export class EndpointsService implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger('Endpoints');

  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly events: EventsService,
    private readonly registry: RegistryService,
    private readonly aliases: ModelAliases,
    private readonly models: ModelCache,
    private readonly plan: DeploymentPlan,
    private readonly use: EndpointUse,
    private readonly retirement: EndpointRetirement,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.registry.registerUsageCheck('endpoints', async (model, version) =>
      (await this.endpoints.namesServing(model, version)).map((name) => `endpoint ${name}`),
    );
    this.aliases.registerGuard(async (alias, version) => {
      if (version.approval === 'Approved') return;
      for await (const { name, stage, variants } of this.following(version.model, alias)) {
        const answers = variants.some((variant) => variant.alias === alias);
        if (stage === 'production' && answers) assertApproved(version, name);
      }
    });
  }

  /** Whoever is to be kept warm is before the first request. One that cannot be loaded keeps nobody from starting. */
  async onApplicationBootstrap(): Promise<void> {
    for await (const endpoint of this.endpoints.all()) {
      if (!endpoint.keepWarm || endpoint.status === 'Creating' || endpoint.status === 'Deleting') continue;
      try {
        await this.use.warm(endpoint, SERVICE);
      } catch (error) {
        this.logger.error(`endpoint ${endpoint.name} is not warm: ${String(error)}`);
      }
    }
  }

  async create(request: CreateEndpointRequest, by: By): Promise<Endpoint> {
    const { name, stage = 'staging', idleMs = null, keepWarm = false, storedShare = 1 } = request;
    const deployment = await this.plan.resolve(null, request);
    if (stage === 'production') await this.assertApproved(name, deployment);
    const at = isoTime(this.clock);
    const creating = await this.claimName({
      name,
      ...deployment,
      ...firstOf(deployment.variants),
      stage,
      status: 'Creating',
      idleMs,
      keepWarm,
      storedShare,
      createdBy: by.name,
      createdAt: at,
      lastUsedAt: at,
      deletion: null,
    });
    try {
      for (const served of servedBy(creating)) await this.models.use(served, async () => undefined);
    } catch (error) {
      await this.giveUp(creating);
      throw error;
    }
    const created = await this.endpoints.changeFrom(creating, (current) => {
      assertNotDeleting(current);
      return { change: { status: 'InService' }, events: deploymentEvents(null, current, by.name, 'created') };
    });
    if (created === null) throw endpointNotFound(name);
    this.use.noteWritten(created);
    return created;
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
    throw endpointNotFound(name);
  }

  /** What happened to it, newest first; kept when it is deleted. */
  activity(name: string, page: PageRequest): Promise<Page<ServiceEvent>> {
    return this.events.list({ subject: `endpoints/${name}` }, page);
  }

  /** Changes it in place: no request fails or waits. */
  async update(name: string, request: UpdateEndpointRequest, by: By): Promise<Endpoint> {
    const seen = await this.get(name);
    return this.deploy(seen, await this.plan.resolve(seen, request), request, by);
  }

  /** Serves what the aliases that it follows point to by now. */
  async follow(seen: Endpoint, alias: string, by: By): Promise<void> {
    const deployment = await this.plan.followed(seen);
    if (deployment !== null) await this.deploy(seen, deployment, { reason: `follows ${alias}` }, by);
  }

  /** Endpoints that follow an alias of a model. */
  async *following(model: string, alias: string): AsyncIterable<Endpoint> {
    for await (const endpoint of this.endpoints.all()) {
      if (endpoint.model === model && aliasesOf(endpoint).includes(alias)) yield endpoint;
    }
  }

  /** New requests are refused from now on; those that are under way are answered, then it is gone. */
  async delete(name: string, by: By): Promise<void> {
    const deletion = { by: by.name, at: isoTime(this.clock) };
    const marked = await this.endpoints.change(name, (current) => {
      // Its process may have died: whoever deletes it again ends it.
      if (current.status === 'Deleting') return null;
      return { change: { status: 'Deleting', deletion }, events: retirementEvents(current, by.name, 'deleted') };
    });
    if (marked === null) throw endpointNotFound(name);
    await this.use.drain(name, DRAIN_MS);
    await this.retirement.remove(name, null);
  }

  /**
   * Runs `use` with the model of the variant that answers, waking the endpoint first if it was reaped. `endpoint` is as
   * this request sees it: its version is the variant's.
   */
  withModel<Result>(
    name: string,
    by: By,
    use: (model: LoadedModel, endpoint: Endpoint, variant: Variant) => Promise<Result>,
    wish: VariantWish = {},
  ): Promise<Result> {
    return this.use.withModel(name, by, wish, use);
  }

  /**
   * Other versions are loaded first, while requests are answered by the present ones; then the endpoint names the new
   * ones, and the old go when their last request has ended.
   */
  private async deploy(
    seen: Endpoint,
    deployment: Deployment,
    { stage = seen.stage, idleMs, keepWarm, storedShare, reason }: EndpointSettings & { readonly reason?: string },
    by: By,
  ): Promise<Endpoint> {
    const { name } = seen;
    assertNotDeleting(seen);
    if (stage === 'production') await this.assertApproved(name, deployment);
    const isServing = seen.status === 'InService' || seen.status === 'Updating';
    const known = new Set(servedBy(seen).map(({ model, modelVersion }) => `${model}/${modelVersion}`));
    const fresh = servedBy({ name, ...deployment }).filter(
      ({ model, modelVersion }) => !known.has(`${model}/${modelVersion}`),
    );
    if (fresh.length > 0 && isServing) {
      await this.mark(name, 'Updating');
      try {
        for (const served of fresh) await this.models.use(served, async () => undefined);
      } catch (error) {
        await this.mark(name, 'InService');
        this.models.release(name, servedBy(seen));
        throw error;
      }
    }
    const updated = await this.endpoints.change(name, (current) => {
      assertNotDeleting(current);
      const change: EndpointChange = {
        ...deployment,
        stage,
        ...(idleMs === undefined ? {} : { idleMs }),
        ...(keepWarm === undefined ? {} : { keepWarm }),
        ...(storedShare === undefined ? {} : { storedShare }),
        ...(current.status === 'Updating' ? { status: 'InService' as const } : {}),
      };
      return { change, events: deploymentEvents(current, changed(current, change), by.name, reason ?? null) };
    });
    if (updated === null) throw endpointNotFound(name);
    this.use.release(name, updated);
    if (!updated.keepWarm || !isAsleep(updated)) return updated;
    await this.use.warm(updated, by);
    return this.get(name);
  }

  private async assertApproved(endpoint: string, { model, variants }: Deployment): Promise<void> {
    for (const version of answeringVersions({ variants })) {
      assertApproved(await this.registry.getVersion(model, version), endpoint);
    }
  }

  private async mark(name: string, status: 'Updating' | 'InService'): Promise<void> {
    const marked = await this.endpoints.change(name, (current) => {
      assertNotDeleting(current);
      return { change: { status }, events: [] };
    });
    if (marked === null) throw endpointNotFound(name);
  }

  private async claimName(endpoint: NewEndpoint): Promise<Endpoint> {
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

  /** Frees the name of an endpoint whose model cannot be loaded, unless somebody else changed it meanwhile. */
  private async giveUp(creating: Endpoint): Promise<void> {
    this.models.release(creating.name, []);
    try {
      await this.endpoints.delete(creating, []);
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
    }
  }
}
