import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { readConfig, type TrainyardConfig } from '#src/common/config/config.js';
import type { Clock } from '#src/common/clock.js';
import { newId } from '#src/common/ids.js';
import { openDatabase, type Database } from '#src/database/index.js';
import { ExecutionEvents } from '#src/executions/execution-events.service.js';
import { NOT_YET_RUN, type ExecutionHead } from '#src/executions/execution-head.js';
import { ExecutionJournal } from '#src/executions/execution-journal.js';
import { ExecutionSignals } from '#src/executions/execution-signals.js';
import { EXECUTION_TABLE, IDEMPOTENCY_TABLE, type ExecutionItem } from '#src/executions/execution.entity.js';
import { ExecutionRepository } from '#src/executions/execution.repository.js';
import { StoredExecutionLedger } from '#src/executions/stored-execution-ledger.js';
import type { ExecutionResult, FrozenRequest } from '#src/executions/execution.js';

/** A real embedded database in a temporary directory, and as many services over it as a test wants. */
export class LedgerHarness {
  private constructor(
    readonly dataDir: string,
    readonly database: Database,
  ) {}

  static async open(): Promise<LedgerHarness> {
    Logger.overrideLogger(false);
    const dataDir = await mkdtemp(join(tmpdir(), 'trainyard-executions-'));
    const database = await openDatabase(readConfig({ TRAINYARD_DATA_DIR: dataDir }, 1));
    await database.ensureTables([EXECUTION_TABLE, IDEMPOTENCY_TABLE] as never);
    return new LedgerHarness(dataDir, database);
  }

  get items() {
    return this.database.table<ExecutionItem>(EXECUTION_TABLE);
  }

  /** One service process as far as executions are concerned. */
  service(clock: Clock, database: TrainyardConfig['database']['kind'] = 'embedded') {
    const config = readConfig({ TRAINYARD_DATA_DIR: this.dataDir }, 1);
    const seen: TrainyardConfig = { ...config, database: { ...config.database, kind: database } };
    const repository = new ExecutionRepository(this.items, this.database.table(IDEMPOTENCY_TABLE));
    const events = new ExecutionEvents(repository, seen);
    const journal = new ExecutionJournal(repository, events, clock);
    const signals = new ExecutionSignals();
    const ledger = new StoredExecutionLedger(repository, journal, events, signals, seen, clock);
    return { repository, events, journal, signals, ledger, owner: newId('own') };
  }

  async close(): Promise<void> {
    await this.database.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

export class MovableClock {
  constructor(private time = Date.parse('2026-01-01T00:00:00.000Z')) {}

  now(): number {
    return this.time;
  }

  advance(byMs: number): void {
    this.time += byMs;
  }
}

/** Stores a queued execution as a start does, without templates and datasets. */
export async function enqueue(
  repository: ExecutionRepository,
  clock: Pick<MovableClock, 'now'>,
  fields: Partial<ExecutionHead> = {},
  parameters: unknown = { windows: { horizon: 24 } },
): Promise<string> {
  const executionId = newId('exe');
  const at = new Date(clock.now()).toISOString();
  const head: ExecutionHead = {
    executionId,
    ...NOT_YET_RUN,
    templateId: 'tpl_1',
    templateName: 'weather',
    templateVersion: 1,
    datasetId: 'dst_1',
    datasetVersion: 3,
    datasetContentHash: 'a'.repeat(64),
    algorithm: 'ridge',
    seed: 7,
    engine: 'auto',
    codeVersion: '0.1.0',
    fingerprint: 'b'.repeat(64),
    clonedFrom: null,
    createdBy: 'anonymous',
    createdAt: at,
    sequence: 1,
    idempotencyKey: null,
    frozenId: 'f1',
    tail: [
      {
        kind: 'event',
        event: { type: 'status', executionId, sequence: 1, at, data: { from: null, status: 'QUEUED' } },
      },
    ],
    ...fields,
  };
  const frozen: FrozenRequest = { overrides: {}, parameters: parameters as never, origins: {}, warmStart: null };
  if (!(await repository.create(head, frozen))) throw new Error(`${executionId} exists`);
  return executionId;
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
  metrics: { seasonLength: 24, validation: null, test: null },
  model: { name: 'weather', version: 1 },
};

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
