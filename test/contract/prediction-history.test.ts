import { encodeTime } from 'ulid';
import { ARTIFACT_TABLES, ChunkedArtifactStore } from '#src/artifacts/index.js';
import { systemClock } from '#src/common/clock.js';
import { PredictionHistory, type HistoryPage } from '#src/inference/prediction-history.js';
import { PREDICTION_TABLE } from '#src/inference/prediction.entity.js';
import type { PredictionWriter } from '#src/inference/prediction-writer.js';
import { PredictionRepository } from '#src/inference/prediction.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const BEGIN = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/** One prediction a minute for ten hours. */
const TIMES = Array.from({ length: 600 }, (_, at) => BEGIN + at * 60_000);

describe('PredictionHistory', () => {
  let database: TestDatabase;
  let history: PredictionHistory;
  const idOf = (timeMs: number): string => `prd_${encodeTime(timeMs, 10)}${'0'.repeat(16)}`;
  let cuts = 0;
  const timesOf = async (pages: AsyncGenerator<HistoryPage>): Promise<number[]> => {
    const times: number[] = [];
    cuts = 0;
    for await (const { items, isCut } of pages) {
      times.push(...items.map(({ createdAt }) => Date.parse(createdAt)));
      cuts += isCut ? 1 : 0;
    }
    return times;
  };

  beforeAll(async () => {
    database = await openTestDatabase();
    await database.database.ensureTables([PREDICTION_TABLE, ...ARTIFACT_TABLES]);
    const table = database.database.table(PREDICTION_TABLE);
    const artifacts = new ChunkedArtifactStore(database.database, systemClock);
    const nothingWaits = { flush: () => Promise.resolve() } as PredictionWriter;
    history = new PredictionHistory(new PredictionRepository(table, artifacts), nothingWaits);
    await table.putMany(
      TIMES.map((time) => ({
        endpoint: 'e',
        predictionId: idOf(time),
        model: 'm',
        modelVersion: 1,
        createdAt: new Date(time).toISOString(),
        requestedBy: 'ann',
        origin: new Date(time).toISOString(),
        window: { datasetVersion: null, times: [], series: {} },
        forecasts: [],
        latencyMs: 1,
      })),
    );
  });
  afterAll(() => database.close());

  it('gives those of a period, its begin included and its end not, oldest first', async () => {
    const period = { fromMs: BEGIN + HOUR_MS, toMs: BEGIN + 3 * HOUR_MS };
    expect(await timesOf(history.pages('e', period, 120))).toEqual(TIMES.slice(60, 180));
    expect(cuts).toBe(0);
    expect(await timesOf(history.pages('e', period, 70))).toEqual(TIMES.slice(60, 130));
    expect(cuts).toBe(1);
    expect(await timesOf(history.pages('none', period, 10))).toEqual([]);
  });

  it('gives a part of them spread over the whole period', async () => {
    const period = { fromMs: BEGIN, toMs: BEGIN + 10 * HOUR_MS };
    // A slice is six minutes long: the first two of each.
    const expected = TIMES.filter((_, at) => at % 6 < 2);
    expect(await timesOf(history.spread('e', period, 200))).toEqual(expected);
    expect(cuts).toBe(100);
    expect(await timesOf(history.spread('e', period, 10_000))).toEqual(TIMES);
    expect(cuts).toBe(0);
  });

  it('gives the newest of a period, newest first', async () => {
    const times = (await history.newest('e', BEGIN + 8 * HOUR_MS, 1_000)).map(({ createdAt }) => Date.parse(createdAt));
    expect(times).toEqual(TIMES.slice(480).reverse());
    expect(await history.newest('e', BEGIN, 7)).toHaveLength(7);
  });
});
