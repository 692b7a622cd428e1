import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseModule } from '#src/database/index.js';
import { DatasetsModule } from '#src/datasets/index.js';
import { startApplication, type RunningApplication } from './application.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The tests assert the shape.
  readonly body: Record<string, unknown>;
}

export interface DatasetService extends RunningApplication {
  readonly dataDir: string;
  get(path: string): Promise<Answer>;
  send(method: string, path: string, init?: RequestInit): Promise<Answer>;
  /** Posts a CSV file with options in the query. */
  post(path: string, csv: string, options?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
}

/** The dataset routes over HTTP on an embedded database in a directory of its own. */
export async function startDatasetService(environment: Record<string, string> = {}): Promise<DatasetService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trainyard-test-'));
  Object.assign(process.env, environment, { TRAINYARD_DATA_DIR: dataDir });
  const running = await startApplication([DatabaseModule, DatasetsModule]);
  const send: DatasetService['send'] = async (method, path, init = {}) => {
    const response = await fetch(`${running.url}/api/v1${path}`, { method, ...init });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  };
  return {
    ...running,
    dataDir,
    send,
    get: (path) => send('GET', path),
    post: (path, csv, options = {}, headers = {}) =>
      send('POST', `${path}?${new URLSearchParams(options).toString()}`, {
        headers: { 'content-type': 'text/csv', ...headers },
        body: csv,
      }),
    close: async () => {
      await running.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
