import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ScheduleModule } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import { io, type Socket } from 'socket.io-client';
import { ArtifactStore, ArtifactsModule } from '#src/artifacts/index.js';
import { ConfigModule } from '#src/common/config/index.js';
import { HttpModule } from '#src/common/http/index.js';
import { newId } from '#src/common/ids.js';
import { DatabaseModule } from '#src/database/index.js';
import { DatasetsModule } from '#src/datasets/index.js';
import {
  ExecutionEvents,
  ExecutionLedger,
  ExecutionsModule,
  ExecutionsService,
  type ExecutionResult,
} from '#src/executions/index.js';
import { ProgressModule, type ClientToServerEvents, type ServerToClientEvents } from '#src/progress/index.js';
import { TemplatesModule } from '#src/templates/index.js';
import { listen } from '../support/application.js';

export type Client = Socket<ServerToClientEvents, ClientToServerEvents>;

export interface Reply<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** The real service without the training room: a test drives the ledger in its place. */
export class RunningService {
  private readonly clients: Client[] = [];

  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    private readonly dataDir: string,
  ) {}

  static async start(environment: Readonly<Record<string, string>> = {}, dataDir?: string): Promise<RunningService> {
    Logger.overrideLogger(false);
    const directory = dataDir ?? (await mkdtemp(join(tmpdir(), 'trainyard-executions-')));
    const before = { ...process.env };
    Object.assign(process.env, environment, { TRAINYARD_DATA_DIR: directory });
    try {
      const module = await Test.createTestingModule({
        imports: [
          ScheduleModule.forRoot(),
          ConfigModule,
          HttpModule,
          DatabaseModule,
          ArtifactsModule,
          DatasetsModule,
          TemplatesModule,
          ExecutionsModule,
          ProgressModule,
        ],
      }).compile();
      const app = module.createNestApplication<NestExpressApplication>({ bodyParser: false, logger: false });
      return new RunningService(app, await listen(app), directory);
    } finally {
      process.env = before;
    }
  }

  get ledger(): ExecutionLedger {
    return this.app.get(ExecutionLedger);
  }

  get executions(): ExecutionsService {
    return this.app.get(ExecutionsService);
  }

  get events(): ExecutionEvents {
    return this.app.get(ExecutionEvents);
  }

  get artifacts(): ArtifactStore {
    return this.app.get<ArtifactStore>(ArtifactStore);
  }

  /** Ends the service and keeps its data; a new one can be started on it. */
  async stop(): Promise<string> {
    for (const client of this.clients) client.disconnect();
    await this.app.close();
    return this.dataDir;
  }

  async remove(): Promise<void> {
    await rm(await this.stop(), { recursive: true, force: true });
  }

  async request<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply<Body>> {
    const json = body !== undefined && typeof body !== 'string';
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Body };
  }

  connect(auth: Readonly<Record<string, unknown>> = {}): Client {
    const client: Client = io(`${this.url}/executions`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      // The machine that runs the tests may be busy.
      timeout: 120_000,
      auth,
    });
    this.clients.push(client);
    return client;
  }

  /** A dataset of two daily assets and a template on it. */
  async prepare(headers: Readonly<Record<string, string>> = {}): Promise<{ datasetId: string; templateId: string }> {
    const lines = Array.from({ length: 200 }, (_, day) => {
      const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
      return `${date},${10 + Math.sin(day)},${20 + Math.cos(day)}`;
    });
    const csv = ['date,A,B', ...lines].join('\n');
    const dataset = await this.request<{ datasetId: string }>('POST', '/datasets?name=waves', csv, {
      ...headers,
      'content-type': 'text/csv',
    });
    if (dataset.status !== 201) throw new Error(JSON.stringify(dataset.body));
    const { datasetId } = dataset.body;
    const template = await this.request<{ templateId: string }>(
      'POST',
      '/templates',
      {
        name: 'waves',
        parameters: {
          data: { datasetId, targets: ['A'] },
          windows: { lookBack: 14, horizon: 7 },
          algorithm: { name: 'ridge' },
        },
      },
      headers,
    );
    if (template.status !== 201) throw new Error(JSON.stringify(template.body));
    return { datasetId, templateId: template.body.templateId };
  }
}

export const RESULT: ExecutionResult = {
  runtimeMs: 1_234,
  iterations: 3,
  bestEpoch: 2,
  loss: 0.25,
  validationLoss: 0.5,
  stopReason: 'completed',
  engine: 'closed-form',
  modelSha256: 'c'.repeat(64),
  windows: { train: 100, validation: 20, test: 20 },
  metrics: { seasonLength: 7, validation: null, test: null },
  model: { name: 'waves', version: 1 },
};

/** Walks executions through their states as a training does. */
export class Driver {
  readonly owner = newId('own');

  constructor(private readonly service: RunningService) {}

  async claim(): Promise<string> {
    const claimed = await this.service.ledger.claimNext(this.owner);
    if (claimed === null) throw new Error('nothing is queued');
    return claimed.executionId;
  }

  async train(executionId: string, epochs: number, from = 1): Promise<void> {
    const { ledger } = this.service;
    await ledger.transition(executionId, this.owner, 'TRAINING', { engine: 'closed-form' });
    for (let epoch = from; epoch < from + epochs; epoch++) {
      ledger.progress(executionId, this.owner, {
        step: 'training',
        percent: epoch,
        epoch,
        epochs: 99,
        loss: 1 / epoch,
        validationLoss: null,
        etaSeconds: null,
      });
      await ledger.epoch(executionId, this.owner, {
        epoch,
        epochs: 99,
        loss: 1 / epoch,
        validationLoss: 2 / epoch,
        durationMs: 1,
      });
    }
  }

  async finish(executionId: string): Promise<void> {
    await this.service.ledger.transition(executionId, this.owner, 'EVALUATING');
    await this.service.ledger.transition(executionId, this.owner, 'REGISTERING');
    await this.service.ledger.complete(executionId, this.owner, RESULT);
  }
}
