import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { describeTableContract } from './table-contract.js';

describe('Table', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase();
  });
  afterAll(async () => test.close());

  describeTableContract(() => test.database);
});
