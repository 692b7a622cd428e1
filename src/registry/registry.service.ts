import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError } from '../common/errors/index.js';
import type { Actor } from '../common/http/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { ExecutionsService } from '../executions/index.js';
import type { ModelState } from '../ml/algorithms/algorithm.js';
import { decodeModelState } from '../ml/export/model-state-codec.js';
import type { ForecastIntervals } from '../ml/evaluation/forecast-intervals.js';
import type { GapClassifier } from '../ml/gaps/gap-classifier.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import type { ApprovalStatus, Model, ModelRegistration, ModelVersion } from './model.js';
import { ModelRepository } from './model.repository.js';

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

  /** Registers a result once: an execution that was interrupted while registering gets its version again. */
  async register(registration: ModelRegistration): Promise<ModelVersion> {
    const known = await this.models.findByExecution(registration.executionId);
    if (known !== null) return known;
    const at = isoTime(this.clock);
    const decision = { status: 'PendingManualApproval', actor: 'trainyard', reason: null, at } as const;
    return this.models.createVersion(registration, decision, at);
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

  /** `version` null: the newest. */
  async getVersion(model: string, version: number | null): Promise<ModelVersion> {
    const found =
      version === null
        ? (await this.models.listVersions(model, { limit: 1 })).items[0]
        : await this.models.findVersion(model, version);
    if (found) return found;
    const what = version === null ? `a version of model "${model}"` : `version ${version} of model "${model}"`;
    throw new TrainyardError('MODEL_NOT_FOUND', `There is no ${what.replace(/^a /, '')}`, { model, version });
  }

  async decide(
    model: string,
    version: number,
    status: ApprovalStatus,
    reason: string | null,
    actor: Actor,
  ): Promise<ModelVersion> {
    await this.getVersion(model, version);
    const decision = { status, actor: actor.name, reason, at: isoTime(this.clock) };
    return (await this.models.decide(model, version, decision)) ?? this.getVersion(model, version);
  }

  /** Removes the version; its artifacts stay with their execution. */
  async deleteVersion(model: string, version: number): Promise<void> {
    await this.getVersion(model, version);
    const users = await Promise.all([...this.usageChecks.values()].map((check) => check(model, version)));
    const names = users.flat();
    if (names.length > 0) {
      throw new TrainyardError(
        'MODEL_IN_USE',
        `Version ${version} of model "${model}" is served by ${names.join(', ')}: delete these endpoints first`,
        { model, version, users: names },
      );
    }
    await this.models.deleteVersion(model, version);
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
