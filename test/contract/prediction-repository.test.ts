import { ARTIFACT_TABLES, ChunkedArtifactStore } from '#src/artifacts/index.js';
import { systemClock } from '#src/common/clock.js';
import { newId } from '#src/common/ids.js';
import { PREDICTION_TABLE } from '#src/inference/prediction.entity.js';
import { PredictionRepository } from '#src/inference/prediction.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const prediction = (endpoint: string, rows: number) => {
  const times = Array.from({ length: rows }, (_, row) => new Date(row * 60_000).toISOString());
  return {
    predictionId: newId('prd'),
    endpoint,
    model: 'm',
    modelVersion: 2,
    createdAt: '2026-01-01T00:00:00.000Z',
    requestedBy: 'ann',
    origin: times.at(-1)!,
    window: { datasetVersion: null, times, series: { A: times.map((_, row) => (row % 7 === 3 ? null : row / 3)) } },
    forecasts: [
      {
        asset: 'A',
        times: ['2026-01-01T00:00:00.000Z'],
        mean: [0.1 + 0.2],
        gapProbability: [0.25],
        intervals: [{ coverage: 0.8, lower: [0.1], upper: [0.7] }],
      },
    ],
    variant: 'old',
    latencyMs: 3,
  };
};

describe('PredictionRepository', () => {
  let database: TestDatabase;
  let predictions: PredictionRepository;

  beforeAll(async () => {
    database = await openTestDatabase();
    await database.database.ensureTables([PREDICTION_TABLE, ...ARTIFACT_TABLES]);
    const artifacts = new ChunkedArtifactStore(database.database, systemClock);
    predictions = new PredictionRepository(database.database.table(PREDICTION_TABLE), artifacts);
  });
  afterAll(() => database.close());

  it.each([
    ['a small one, in its item', 30],
    ['one of 20,000 rows, larger than an item may be', 20_000],
  ])('keeps %s, exactly', async (_, rows) => {
    const stored = prediction(`rows-${rows}`, rows);
    await predictions.createMany([stored]);
    expect(await predictions.find(stored.endpoint, stored.predictionId)).toEqual(stored);
    expect((await predictions.list(stored.endpoint, {})).items).toEqual([stored]);
  });

  it('reads a prediction from before there were gap probabilities and intervals', async () => {
    const { window, ...old } = prediction('old', 3);
    const forecasts = [{ asset: 'A', times: ['2026-01-01T00:00:00.000Z'], mean: [1] }];
    await database.database.table(PREDICTION_TABLE).create({ ...old, window, forecasts });
    const found = await predictions.find('old', old.predictionId);
    expect(found?.forecasts).toEqual([{ ...forecasts[0], gapProbability: null, intervals: [] }]);
  });

  it('takes the same ones again, as a start after a crash does, and lists the newest first', async () => {
    const [first, second] = [prediction('many', 3), prediction('many', 3)];
    await predictions.createMany([first, second]);
    await predictions.createMany([first]);
    const { items } = await predictions.list('many', {});
    expect(items.map(({ predictionId }) => predictionId)).toEqual([second.predictionId, first.predictionId]);
    expect(await predictions.find('many', 'prd_none')).toBeNull();
  });
});
