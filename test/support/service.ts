import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from '#src/cli/api-client.js';
import { startService, type ServiceProcess } from '#src/cli/service-process.js';

export interface ExecutionAnswer {
  readonly executionId: string;
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly modelSha256: string;
  readonly metrics: { readonly test: { readonly hasSkill: boolean; readonly scaled: { readonly mae: number } } };
  readonly model: { readonly name: string; readonly version: number };
  readonly checkpointEpoch: number | null;
  readonly interruptions: number;
  readonly iterations: number;
}

/** The service as it ships, in a process of its own, with the embedded database in a directory of its own. */
export class Installation {
  private readonly dataDir = mkdtempSync(join(tmpdir(), 'trainyard-e2e-'));
  private service: ServiceProcess | null = null;

  constructor(private readonly environment: Readonly<Record<string, string>> = {}) {}

  get url(): string {
    if (this.service === null) throw new Error('the service is not started');
    return this.service.url;
  }

  get api(): ApiClient {
    return new ApiClient(this.url);
  }

  async start(): Promise<void> {
    this.service = await startService({
      TRAINYARD_PORT: '0',
      TRAINYARD_DATABASE: 'embedded',
      TRAINYARD_DATA_DIR: this.dataDir,
      TRAINYARD_LOG_LEVEL: 'error',
      ...this.environment,
    });
  }

  async kill(): Promise<void> {
    await this.service?.kill();
    this.service = null;
  }

  async stop(): Promise<number | null> {
    const code = (await this.service?.stop()) ?? null;
    this.service = null;
    return code;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  getExecution(executionId: string): Promise<ExecutionAnswer> {
    return this.api.get<ExecutionAnswer>(`/executions/${executionId}`);
  }

  /** Waits for the execution's end; fails with its error when it is not the expected one. */
  async finish(executionId: string, expected = 'SUCCEEDED', timeoutMs = 240_000): Promise<ExecutionAnswer> {
    const begin = Date.now();
    for (;;) {
      const execution = await this.getExecution(executionId);
      if (execution.status === expected) return execution;
      if (
        ['SUCCEEDED', 'FAILED', 'CANCELLED', 'STOPPED'].includes(execution.status) ||
        Date.now() - begin > timeoutMs
      ) {
        throw new Error(`execution is ${execution.status}, not ${expected}: ${JSON.stringify(execution.error)}`);
      }
      await sleep(100);
    }
  }
}

/** Hourly rows of two seasonal series with seeded noise, wide CSV. */
export function seasonalCsv(rows: number): Uint8Array {
  let state = 7;
  const noise = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const lines = ['date,load,temperature'];
  for (let row = 0; row < rows; row++) {
    const day = Math.sin((row / 24) * 2 * Math.PI);
    const time = new Date(Date.UTC(2024, 0, 1) + row * 3_600_000).toISOString();
    lines.push(`${time},${(100 + 20 * day + row * 0.01 + noise()).toFixed(3)},${(15 - 5 * day + noise()).toFixed(3)}`);
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}
