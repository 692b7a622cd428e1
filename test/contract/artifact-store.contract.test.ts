import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { describeArtifactStoreContract } from './artifact-store-contract.js';

describe('ArtifactStore', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase();
  });
  afterAll(async () => test.close());

  describeArtifactStoreContract(() => test.database);
});
