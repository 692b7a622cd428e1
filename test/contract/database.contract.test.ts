import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { describeDatabaseContract } from './database-contract.js';

describe('Database', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase();
  });
  afterAll(async () => test.close());

  // Several connections to one server: the embedded one is reached at its address like any other.
  describeDatabaseContract(() => ({
    ...test.config,
    database: { ...test.config.database, kind: 'endpoint', endpoint: test.database.address },
  }));
});
