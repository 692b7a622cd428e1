import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type TrainyardConfig } from '#src/common/config/index.js';
import { PredictionWriter } from '#src/inference/prediction-writer.js';
import type { PredictionRepository } from '#src/inference/prediction.repository.js';
import type { Prediction } from '#src/inference/prediction.js';

const prediction = (number: number): Prediction => ({
  predictionId: `prd_${number}`,
  endpoint: 'one',
  model: 'm',
  modelVersion: 1,
  variant: 'AllTraffic',
  createdAt: '2026-01-01T00:00:00.000Z',
  requestedBy: 'ann',
  origin: '2026-01-01T00:00:00.000Z',
  window: { datasetVersion: null, times: [], series: {} },
  forecasts: [],
  latencyMs: 1,
});

/** A database that can be out of reach. */
class Store {
  readonly batches: string[][] = [];
  failure: Error | null = null;

  createMany(predictions: readonly Prediction[]): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    this.batches.push(predictions.map(({ predictionId }) => predictionId));
    return Promise.resolve();
  }

  get ids(): string[] {
    return this.batches.flat();
  }
}

describe('PredictionWriter', () => {
  let dataDir: string;
  let store: Store;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'trainyard-writer-'));
    store = new Store();
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  function open(limit = 100): PredictionWriter {
    const config: TrainyardConfig = readConfig(
      { TRAINYARD_DATA_DIR: dataDir, TRAINYARD_LIMIT_WAITING_PREDICTIONS: String(limit) },
      1,
    );
    return new PredictionWriter(store as unknown as PredictionRepository, config);
  }
  const files = (): string[] => readdirSync(join(dataDir, 'predictions'));

  it('stores many at once, each once and in order, and leaves nothing on disk', async () => {
    const writer = open();
    await Promise.all(Array.from({ length: 40 }, (_, at) => writer.write(prediction(at))));
    await Promise.all([writer.flush(), writer.flush()]);
    expect(store.ids).toEqual(Array.from({ length: 40 }, (_, at) => `prd_${at}`));
    expect(store.batches.length).toBeLessThan(40);
    expect([writer.waiting, files()]).toEqual([0, []]);
    await writer.onApplicationShutdown();
  });

  it('keeps what the database does not take, refuses more than its limit, and stores all of it later', async () => {
    const writer = open(3);
    store.failure = new Error('no database');
    await writer.write(prediction(1));
    await expect(writer.flush()).rejects.toThrow('no database');
    await writer.write(prediction(2));
    writer.assertRoom();
    await writer.write(prediction(3));
    expect(() => writer.assertRoom()).toThrow(
      /^3 predictions wait to be stored, the limit is 3 \(TRAINYARD_LIMIT_WAITING_PREDICTIONS\)/,
    );
    expect(files()).toHaveLength(2);
    store.failure = null;
    await writer.flush();
    expect(store.ids).toEqual(['prd_1', 'prd_2', 'prd_3']);
    await writer.onApplicationShutdown();
    expect(files()).toEqual([]);
  });

  it('stores everything before a shutdown, and leaves on disk what it cannot', async () => {
    const writer = open();
    await writer.write(prediction(1));
    await writer.onApplicationShutdown();
    expect([store.ids, files()]).toEqual([['prd_1'], []]);

    const other = open();
    store.failure = new Error('no database');
    await other.write(prediction(2));
    await other.onApplicationShutdown();
    expect(files()).toHaveLength(1);
  });
});
