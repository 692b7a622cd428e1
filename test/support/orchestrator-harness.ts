import { ARTIFACT_TABLES, ChunkedArtifactStore } from '#src/artifacts/index.js';
import { systemClock } from '#src/common/clock.js';
import { readConfig } from '#src/common/config/config.js';
import type { StoredExecutionEvent } from '#src/executions/index.js';
import { completeParameters } from '#src/templates/resolve-template.js';
import { FEATURE_IMPORTANCE_TABLE } from '#src/executions/feature-importance.entity.js';
import { FeatureImportanceRepository } from '#src/executions/feature-importance.repository.js';
import type { ModelRegistrar } from '#src/training/execution-run.js';
import { ProcessingPool } from '#src/training/processing-pool.js';
import { TrainingHost } from '#src/training/training-host.js';
import { recordedEpochs } from '#src/training/recorded-epochs.js';
import { TrainingOrchestrator, type OrchestratorRooms } from '#src/training/training-orchestrator.js';
import { LedgerHarness, collect, enqueue } from '../unit/executions/ledger-harness.js';
import { openFeatureStore, type TestFeatureStore } from './feature-store.js';
import { EXAMPLE_DATA, exampleFrames } from './training-example.js';

const { limits } = readConfig({}, 1);

/** A template over the example's data, complete. */
export function exampleParameters(given: Record<string, unknown>) {
  return completeParameters(
    {
      data: { datasetId: 'dst_1', datasetVersion: 3, targets: ['north', 'south'] },
      windows: { lookBack: 24, horizon: 6 },
      ...given,
    },
    limits,
  );
}

/**
 * Real: database, ledger, artifact store, pool, host, workers. In memory: the dataset and the list of registered
 * models.
 */
export class OrchestratorHarness {
  readonly registered: Parameters<ModelRegistrar['register']>[0][] = [];
  readonly artifacts: ChunkedArtifactStore;
  readonly importances: FeatureImportanceRepository;
  private readonly running: TrainingOrchestrator[] = [];

  private constructor(
    private readonly ledgers: LedgerHarness,
    readonly featureStore: TestFeatureStore,
  ) {
    this.importances = new FeatureImportanceRepository(ledgers.database.table(FEATURE_IMPORTANCE_TABLE));
    this.artifacts = new ChunkedArtifactStore(ledgers.database, systemClock);
  }

  static async open(): Promise<OrchestratorHarness> {
    const ledgers = await LedgerHarness.open();
    await ledgers.database.ensureTables([...ARTIFACT_TABLES, FEATURE_IMPORTANCE_TABLE]);
    return new OrchestratorHarness(ledgers, await openFeatureStore(ledgers.database));
  }

  /** One service process as far as training is concerned. */
  service(adjust: Partial<OrchestratorRooms> = {}) {
    const executions = this.ledgers.service(systemClock);
    const orchestrator = new TrainingOrchestrator({
      ledger: executions.ledger,
      importances: this.importances,
      artifacts: this.artifacts,
      featureStore: this.featureStore,
      datasets: {
        getVersion: async () => ({ ...EXAMPLE_DATA, version: 3 }),
        loadFrames: async () => exampleFrames(),
      },
      registrar: {
        register: async (registration) => {
          this.registered.push(registration);
          const createdAt = new Date(systemClock.now()).toISOString();
          const version = this.registered.length;
          return {
            ...registration,
            version,
            approval: 'PendingManualApproval',
            decisions: [],
            description: null,
            tags: {},
            createdAt,
          };
        },
      },
      epochsOf: (executionId) => recordedEpochs(executions.events.after(executionId, 0)),
      pool: new ProcessingPool({ size: 1 }),
      host: new TrainingHost({ killAfterMs: 20_000 }),
      limits,
      now: () => systemClock.now(),
      heartbeatMs: 200,
      leaseMs: 20_000,
      concurrency: 1,
      ...adjust,
    });
    this.running.push(orchestrator);
    return { ...executions, orchestrator };
  }

  async enqueue(given: Record<string, unknown>): Promise<string> {
    const { repository } = this.ledgers.service(systemClock);
    const parameters = exampleParameters(given);
    const { name } = parameters.algorithm;
    return enqueue(repository, systemClock, { algorithm: name, templateName: 'stations' }, parameters);
  }

  async head(executionId: string) {
    const found = await this.ledgers.service(systemClock).repository.findHead(executionId);
    if (found === null) throw new Error(`no execution ${executionId}`);
    return found.head;
  }

  async events(executionId: string): Promise<StoredExecutionEvent[]> {
    return collect(this.ledgers.service(systemClock).events.after(executionId, 0));
  }

  async logs(executionId: string): Promise<string> {
    const events = await this.events(executionId);
    return events.flatMap((event) => (event.type === 'log' ? [event.data.message] : [])).join('\n');
  }

  async statuses(executionId: string): Promise<string[]> {
    const events = await this.events(executionId);
    return events.flatMap((event) => (event.type === 'status' ? [event.data.status] : []));
  }

  /** Waits until `isThere` says so of the head. */
  async until(executionId: string, isThere: (head: Awaited<ReturnType<typeof this.head>>) => boolean): Promise<void> {
    while (!isThere(await this.head(executionId))) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async ended(executionId: string): Promise<void> {
    await this.until(executionId, ({ status }) => ['SUCCEEDED', 'STOPPED', 'FAILED', 'CANCELLED'].includes(status));
  }

  async close(): Promise<void> {
    await Promise.all(this.running.map((orchestrator) => orchestrator.beforeApplicationShutdown()));
    await this.ledgers.close();
  }
}
