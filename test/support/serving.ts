import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ScheduleModule } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import { ArtifactStore, ArtifactsModule } from '#src/artifacts/index.js';
import { CLOCK } from '#src/common/clock.js';
import { ConfigModule } from '#src/common/config/index.js';
import { HttpModule } from '#src/common/http/index.js';
import { DATABASE, DatabaseModule, type Database } from '#src/database/index.js';
import { DatasetsModule } from '#src/datasets/index.js';
import { EndpointReaperModule } from '#src/endpoint-reaper/index.js';
import { EndpointReaperService } from '#src/endpoint-reaper/endpoint-reaper.service.js';
import { EventsModule } from '#src/events/index.js';
import { ExecutionsModule } from '#src/executions/index.js';
import { EndpointsService, InferenceModule } from '#src/inference/index.js';
import { ModelCache } from '#src/inference/model-cache.js';
import { RANDOM_SOURCE, type RandomSource } from '#src/inference/variant-choice.js';
import type { ModelState } from '#src/ml/algorithms/algorithm.js';
import { encodeModelState } from '#src/ml/export/model-state-codec.js';
import type { FittedProcessing } from '#src/ml/processing/processing-plan.js';
import { ProgressModule } from '#src/progress/index.js';
import { RegistryModule, RegistryService, type ModelVersion } from '#src/registry/index.js';
import { TemplatesModule } from '#src/templates/index.js';
import { HOUR_MS } from './series.js';
import { listen } from './application.js';

/** A clock that a test moves. */
export class TestClock {
  private ms = Date.parse('2026-01-01T00:00:00Z');
  readonly now = (): number => this.ms;
  advance(ms: number): void {
    this.ms += ms;
  }
}

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

interface ServingOptions {
  readonly clock?: { readonly now: () => number };
  readonly random?: RandomSource;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another process of the same installation, on its database. */
  readonly beside?: Serving;
}

/** The real service without its training: models are put into the registry by hand. The reaper's cron never comes. */
export class Serving {
  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    private readonly dataDir: string,
  ) {}

  static async start({ clock, random, environment, beside }: ServingOptions = {}): Promise<Serving> {
    Logger.overrideLogger(false);
    const dataDir = await mkdtemp(join(tmpdir(), 'trainyard-serving-'));
    const before = { ...process.env };
    const shared = beside && {
      TRAINYARD_DATABASE: 'endpoint',
      DYNAMO_ENDPOINT: beside.app.get<Database>(DATABASE).address,
    };
    Object.assign(
      process.env,
      { TRAINYARD_DATA_DIR: dataDir, TRAINYARD_REAPER_CRON: '0 0 29 2 *' },
      shared,
      environment,
    );
    try {
      const building = Test.createTestingModule({
        imports: [
          ScheduleModule.forRoot(),
          ConfigModule,
          HttpModule,
          DatabaseModule,
          ArtifactsModule,
          DatasetsModule,
          TemplatesModule,
          ExecutionsModule,
          EventsModule,
          RegistryModule,
          InferenceModule,
          EndpointReaperModule,
          ProgressModule,
        ],
      });
      if (clock) building.overrideProvider(CLOCK).useValue(clock);
      if (random) building.overrideProvider(RANDOM_SOURCE).useValue(random);
      const module = await building.compile();
      const app = module.createNestApplication<NestExpressApplication>({ bodyParser: false, logger: false });
      return new Serving(app, await listen(app), dataDir);
    } finally {
      process.env = before;
    }
  }

  get endpoints(): EndpointsService {
    return this.app.get(EndpointsService);
  }

  get reaper(): EndpointReaperService {
    return this.app.get(EndpointReaperService);
  }

  get models(): ModelCache {
    return this.app.get(ModelCache);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async send(method: string, path: string, body?: object): Promise<Reply> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  }

  forecast(endpoint: string, more: object = {}): Promise<Reply> {
    return this.send('POST', `/endpoints/${endpoint}/forecast`, { window: WINDOW, ...more });
  }

  /** Oldest first. */
  async activity(endpoint: string): Promise<{ type: string; actor: string; reason: string | null }[]> {
    const { items } = await this.endpoints.activity(endpoint, {});
    return items.map(({ type, actor, reason }) => ({ type, actor, reason })).reverse();
  }

  /** The next version of a model that repeats the last value of `load`. */
  async register(model: string, change: Partial<ModelState> = {}): Promise<ModelVersion> {
    const state = { ...STATE, ...change };
    const owner = `exe_${model}_${Math.random().toString(36).slice(2)}`;
    const store = this.app.get<ArtifactStore>(ArtifactStore);
    await store.write(owner, 'model.json', encodeModelState(state), 'application/json');
    await store.write(owner, 'processing.json', new TextEncoder().encode(JSON.stringify(FITTED)), 'application/json');
    return this.app.get(RegistryService).register({
      model,
      executionId: owner,
      templateId: 'tpl_1',
      templateVersion: 1,
      datasetId: 'dst_1',
      datasetVersion: 1,
      datasetContentHash: 'c'.repeat(64),
      algorithm: state.algorithm,
      targets: state.targets,
      lookBack: state.lookBack,
      horizon: state.horizon,
      metrics: { seasonLength: 24, validation: null, test: null },
      modelSha256: 'd'.repeat(64),
      artifactOwner: owner,
      artifacts: ['model.json', 'processing.json'],
    });
  }
}

const LOOK_BACK = 6;
const HORIZON = 3;

const STATE: ModelState = {
  format: 1,
  algorithm: 'naive',
  hyperparameters: {},
  lookBack: LOOK_BACK,
  horizon: HORIZON,
  inputs: ['load'],
  targets: ['load'],
  facts: { ownColumns: [0], ownIntercepts: [0], ownSlopes: [1], seasonLength: 1 },
  tensors: {},
};

const FITTED: FittedProcessing = {
  format: 1,
  plan: {
    format: 1,
    assets: [{ id: 'load', assetClass: null, column: 'value' }],
    targets: ['load'],
    axis: { join: 'union', start: null, end: null },
    gaps: { largeShare: 0.1, imputation: 'linear', neighbours: 3 },
    features: [],
    split: { by: 'ratio', validation: 0.1, test: 0.1 },
    windows: { lookBack: LOOK_BACK, horizon: HORIZON, stride: 1 },
    scaling: { inputs: 'none', targets: 'none' },
    seasonLength: 24,
  },
  inputs: [{ name: 'load', asset: 'load', transform: 'none', state: {} }],
  targets: [{ asset: 'load', input: 0, transform: 'none', state: {} }],
  calendar: { unit: 'milliseconds', step: HOUR_MS, weekdays: [0, 1, 2, 3, 4, 5, 6], irregular: false },
  smallGapRows: 0,
  seasonLength: 24,
};

/** The last value is 6. */
const WINDOW = {
  times: Array.from({ length: LOOK_BACK }, (_, row) => new Date(Date.UTC(2025, 0, 1) + row * HOUR_MS).toISOString()),
  series: { load: Array.from({ length: LOOK_BACK }, (_, row) => row + 1) },
};
