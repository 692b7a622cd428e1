import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainyardConfig } from '#src/common/config/index.js';
import { openDatabase, type Database } from '#src/database/index.js';

/** Set by the conformance lane: the same suites then run against that server instead of the embedded one. */
const endpoint = process.env.TRAINYARD_TEST_DYNAMO_ENDPOINT ?? null;

export interface TestDatabase {
  readonly database: Database;
  readonly config: Pick<TrainyardConfig, 'dataDir' | 'database'>;
  /** Closes the database and removes its directory. */
  close(): Promise<void>;
}

/** A real database for one test file: its own directory, its own table prefix. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trainyard-test-'));
  const config: TestDatabase['config'] = {
    dataDir,
    database: {
      kind: endpoint === null ? 'embedded' : 'endpoint',
      endpoint,
      region: 'us-east-1',
      tablePrefix: `t${randomBytes(4).toString('hex')}-`,
      createTables: true,
    },
  };
  const database = await openDatabase(config);
  return {
    database,
    config,
    close: async () => {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
