import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import type { Actor } from '../common/http/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { EventsService, type ServiceEvent } from '../events/index.js';
import { ExecutionsService } from '../executions/index.js';
import type { ModelState } from '../ml/algorithms/algorithm.js';
import { decodeModelState } from '../ml/export/model-state-codec.js';
import type { ForecastIntervals } from '../ml/evaluation/forecast-intervals.js';
import type { GapClassifier } from '../ml/gaps/gap-classifier.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import { flattenFields } from '../templates/index.js';
import { LATEST } from './model-aliases.js';
import { ModelApprovals } from './model-approvals.js';
import { compareVersions, type ModelComparison } from './model-comparison.js';
import type { ApprovalPolicy, ApprovalStatus, Description, Model, ModelRegistration, ModelVersion } from './model.js';
import { ModelRepository } from './model.repository.js';
import { productionAt, type ProductionPeriod } from './production-history.js';

const GAPS = 'gap-classifier.json';
const INTERVALS = 'forecast-intervals.json';

/** Names the users of a model version, for example the endpoints that serve it. */
export type ModelUsageCheck = (model: string, version: number) => Promise<string[]>;

/** What serving needs: the model and the processing it was trained behind. */
export interface ModelBundle {
  readonly version: ModelVersion;
  readonly state: ModelState;
  readonly fitted: FittedProcessing;
  /** Null for models without one, and those from before there was one. */
  readonly gaps: GapClassifier | null;
  /** Null for models without any, and those from before there were some. */
  readonly intervals: ForecastIntervals | null;
}

/** Registered models: groups, immutable versions with lineage, approval. */
@Injectable()
export class RegistryService implements OnModuleInit {
  private readonly usageChecks = new Map<string, ModelUsageCheck>();

  constructor(
    private readonly models: ModelRepository,
    private readonly approvals: ModelApprovals,
    private readonly events: EventsService,
    private readonly artifacts: ArtifactStore,
    private readonly executions: ExecutionsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.executions.registerUsageCheck('model versions', async (executionId) => {
      const version = await this.models.findByExecution(executionId);
      return version === null ? [] : [`${version.model}/${version.version}`];
    });
  }

  /** What `check` names keeps a model version from being deleted. */
  registerUsageCheck(kind: string, check: ModelUsageCheck): void {
    this.usageChecks.set(kind, check);
  }

  /**
   * Registers a result once: an execution that was interrupted while registering gets its version again. Where the
   * model's policy is automatic it is judged at once.
   */
  async register(registration: ModelRegistration): Promise<ModelVersion> {
    const known = await this.models.findByExecution(registration.executionId);
    if (known !== null) return known;
    const at = isoTime(this.clock);
    const decision = { status: 'PendingManualApproval', actor: 'trainyard', reason: null, at } as const;
    return this.approvals.judge(await this.models.createVersion(registration, decision, at));
  }

  listModels(page: PageRequest): Promise<Page<Model>> {
    return this.models.listModels(page);
  }

  async getModel(model: string): Promise<Model> {
    const found = await this.models.findModel(model);
    if (found === null) throw new TrainyardError('MODEL_NOT_FOUND', `There is no model "${model}"`, { model });
    return found;
  }

  async listVersions(model: string, page: PageRequest): Promise<Page<ModelVersion>> {
    await this.getModel(model);
    return this.models.listVersions(model, page);
  }

  /** `reference`: a number, an alias, or `latest`; null is the newest, too. */
  async getVersion(model: string, reference: number | string | null): Promise<ModelVersion> {
    const version = await this.versionOf(model, reference);
    const found =
      version === null
        ? (await this.models.listVersions(model, { limit: 1 })).items[0]
        : await this.models.findVersion(model, version);
    if (found) return found;
    const what = version === null ? `version of model "${model}"` : `version ${version} of model "${model}"`;
    throw new TrainyardError('MODEL_NOT_FOUND', `There is no ${what}`, { model, version });
  }

  /** Null for an execution that registered nothing. */
  findByExecution(executionId: string): Promise<ModelVersion | null> {
    return this.models.findByExecution(executionId);
  }

  async decide(
    model: string,
    version: number,
    status: ApprovalStatus,
    reason: string | null,
    actor: Actor,
  ): Promise<ModelVersion> {
    await this.getVersion(model, version);
    if (status === 'Rejected' && (reason === null || reason.trim() === '')) {
      const message = `Version ${version} of model "${model}" cannot be rejected without a reason: say what is wrong with it`;
      throw new TrainyardError('APPROVAL_REASON_MISSING', message, { model, version });
    }
    return this.approvals.decide(model, version, status, reason, actor.name);
  }

  async describeVersion(
    model: string,
    version: number,
    change: Partial<Description>,
    actor: Actor,
  ): Promise<ModelVersion> {
    const changed = await this.models.describeVersion(model, version, change, actor.name);
    return changed ?? this.getVersion(model, version);
  }

  async changeModel(
    model: string,
    change: Partial<Description> & { readonly policy?: ApprovalPolicy },
    actor: Actor,
  ): Promise<Model> {
    const changed = await this.models.changeModel(model, change, actor.name, isoTime(this.clock));
    return changed ?? this.getModel(model);
  }

  /** Everything that happened to the model, its versions and aliases, and to endpoints that served it; newest first. */
  async history(model: string, page: PageRequest): Promise<Page<ServiceEvent>> {
    await this.getModel(model);
    return this.events.list({ model }, page);
  }

  /** What of the model was in production at a time (ISO 8601; null: now), and who had approved it. */
  async productionAt(model: string, at: string | null): Promise<ProductionPeriod[]> {
    await this.getModel(model);
    const events: ServiceEvent[] = [];
    for await (const event of this.events.after({ model }, null)) events.push(event);
    return productionAt(events, at === null ? isoTime(this.clock) : new Date(at).toISOString());
  }

  async compare(model: string, numbers: readonly number[]): Promise<ModelComparison> {
    const versions = await Promise.all(numbers.map((number) => this.getVersion(model, number)));
    const parameters = await Promise.all(
      versions.map(async ({ executionId }) => {
        try {
          return flattenFields((await this.executions.get(executionId)).parameters);
        } catch (error) {
          if (isTrainyardError(error, 'EXECUTION_NOT_FOUND')) return null;
          throw error;
        }
      }),
    );
    return compareVersions(versions, parameters);
  }

  /** Removes the version; its artifacts stay with their execution. */
  async deleteVersion(model: string, version: number, actor: Actor): Promise<void> {
    await this.getVersion(model, version);
    const users = await Promise.all([...this.usageChecks.values()].map((check) => check(model, version)));
    const aliases = (await this.models.listAliases(model)).filter((alias) => alias.version === version);
    const names = [...users.flat(), ...aliases.map(({ alias }) => `alias ${alias}`)];
    if (names.length > 0) {
      throw new TrainyardError(
        'MODEL_IN_USE',
        `Version ${version} of model "${model}" is in use by ${names.join(', ')}: delete or move these first`,
        { model, version, users: names },
      );
    }
    await this.models.deleteVersion(model, version, actor.name);
  }

  private async versionOf(model: string, reference: number | string | null): Promise<number | null> {
    if (reference === null || reference === LATEST) return null;
    if (typeof reference === 'number') return reference;
    if (/^[1-9][0-9]*$/.test(reference)) return Number(reference);
    const alias = await this.models.findAlias(model, reference);
    if (alias !== null) return alias.version;
    const message = `Model "${model}" has no alias "${reference}": give a version's number, an alias, or ${LATEST}`;
    throw new TrainyardError('MODEL_NOT_FOUND', message, { model, alias: reference });
  }

  /** Reads and verifies the artifacts that serving needs. */
  async loadBundle(model: string, version: number): Promise<ModelBundle> {
    const found = await this.getVersion(model, version);
    const optional = async (name: string): Promise<unknown> =>
      found.artifacts.includes(name) ? parseJson((await this.artifacts.read(found.artifactOwner, name)).content) : null;
    const [state, fitted, gaps, intervals] = await Promise.all([
      this.artifacts.read(found.artifactOwner, 'model.json'),
      this.artifacts.read(found.artifactOwner, 'processing.json'),
      optional(GAPS),
      optional(INTERVALS),
    ]);
    return {
      version: found,
      state: decodeModelState(state.content),
      fitted: parseJson(fitted.content) as FittedProcessing,
      gaps: gaps as GapClassifier | null,
      intervals: intervals as ForecastIntervals | null,
    };
  }
}

function parseJson(content: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(content));
}
