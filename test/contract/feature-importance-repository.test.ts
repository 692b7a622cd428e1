import { FEATURE_IMPORTANCE_TABLE } from '#src/executions/feature-importance.entity.js';
import { FeatureImportanceRepository } from '#src/executions/feature-importance.repository.js';
import type { ColumnImportance } from '#src/ml/explain/feature-importance.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

function columns(count: number): ColumnImportance[] {
  return Array.from({ length: count }, (_, at) => ({
    column: `c${at}`,
    asset: at === 0 ? null : 'A',
    assetClass: null,
    step: 'sma',
    importance: 1 / (at + 1),
    deviation: 0.01,
  }));
}

describe('FeatureImportanceRepository', () => {
  let database: TestDatabase;
  let importances: FeatureImportanceRepository;

  beforeAll(async () => {
    database = await openTestDatabase();
    await database.database.ensureTables([FEATURE_IMPORTANCE_TABLE]);
    importances = new FeatureImportanceRepository(database.database.table(FEATURE_IMPORTANCE_TABLE));
  });
  afterAll(() => database.close());

  it('pages through the columns of an execution by rank', async () => {
    await importances.record('exe_ranked', columns(120));
    const first = await importances.list('exe_ranked', { limit: 100 });
    const rest = await importances.list('exe_ranked', { limit: 100, cursor: first.cursor });
    const all = [...first.items, ...rest.items];
    expect(all.map(({ rank }) => rank)).toEqual(Array.from({ length: 120 }, (_, at) => at + 1));
    expect(all[1]).toEqual({ rank: 2, ...columns(2)[1] });
    expect(rest.cursor).toBeNull();
  });

  it('replaces what an earlier attempt left, and deletes all of it', async () => {
    await importances.record('exe_again', columns(5));
    await importances.record('exe_again', columns(3));
    expect((await importances.list('exe_again', { limit: 10 })).items).toHaveLength(3);
    await importances.deleteAll('exe_again');
    expect((await importances.list('exe_again', { limit: 10 })).items).toEqual([]);
    expect((await importances.list('exe_ranked', { limit: 1 })).items).toHaveLength(1);
  });
});
