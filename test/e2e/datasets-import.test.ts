import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseModule } from '#src/database/index.js';
import { DatasetsModule } from '#src/datasets/index.js';
import { startApplication, type RunningApplication } from '../support/application.js';

/** Real: HTTP, worker thread, embedded database. */
describe('importing a dataset over HTTP', () => {
  let running: RunningApplication;
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'trainyard-test-'));
    process.env.TRAINYARD_DATA_DIR = dataDir;
    running = await startApplication([DatabaseModule, DatasetsModule]);
  });

  afterAll(async () => {
    await running.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('answers with how the file was read and lists it', async () => {
    const response = await fetch(`${running.url}/api/v1/datasets?name=prices`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'date,A,B\n2024-01-01,1,2\n2024-01-02,3,\n',
    });
    const body = (await response.json()) as Record<string, unknown>;
    expect(response.status).toBe(201);
    expect(body).toMatchObject({ name: 'prices', version: 1, dryRun: false });
  });
});
