import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARTIFACT_TABLES, ChunkedArtifactStore } from '#src/artifacts/index.js';
import { openDatabase, type Database, type TableDefinition } from '#src/database/index.js';
import { ServiceProcess, eventually } from './embedded-database-support.js';

const [manifestTable, chunkTable, looseTable] = ARTIFACT_TABLES as unknown as [
  TableDefinition<{ owner: string; name: string; generation: string; chunks: number }>,
  TableDefinition<{ generation: string; index: number }>,
  TableDefinition<{ list: string; since: string; generation: string }>,
];

describe('artifacts of a service that is killed while it replaces one', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'trainyard-artifacts-'));
  });
  afterEach(async () => rm(dataDir, { recursive: true, force: true }));

  const open = async (endpoint: string | null): Promise<Database> =>
    openDatabase({
      dataDir,
      database: {
        kind: endpoint === null ? 'embedded' : 'endpoint',
        endpoint,
        region: 'us-east-1',
        tablePrefix: '',
        createTables: true,
      },
    });

  /** Kills it when a generation has chunks and is not yet an artifact. */
  const killHalfWay = async (writer: ServiceProcess): Promise<void> => {
    const { address } = await writer.until('open');
    await writer.until('written');
    const observer = await open(address!);
    await observer.ensureTables(ARTIFACT_TABLES);
    const written = async (): Promise<number> => {
      const { items } = await observer.table(looseTable).query({ partition: 'loose' });
      const newest = items.at(-1);
      if (newest === undefined) return 0;
      return (await observer.table(chunkTable).query({ partition: newest.generation })).items.length;
    };
    await eventually(20_000, written, (chunks) => chunks > 0);
    await writer.kill();
    await observer.close();
  };

  it('are whole: an acknowledged content or the one after it, and the sweep leaves exactly its chunks', async () => {
    let orphans = 0;
    for (let round = 0; round < 4; round++) {
      const writer = new ServiceProcess('artifacts', dataDir);
      await killHalfWay(writer);
      const database = await open(null);
      await database.ensureTables(ARTIFACT_TABLES);
      const store = new ChunkedArtifactStore(database, { now: () => Date.now() + 1_000 });
      const read = await store.read('exe_1', 'model.keras');
      const last = writer.events.filter(({ event }) => event === 'written').at(-1)!;
      const next = createHash('sha256')
        .update(Buffer.alloc(3_000_000, `${last.number! + 1}-`))
        .digest('hex');
      expect([last.sha256, next]).toContain(read.sha256);

      orphans += await store.sweep(0);
      expect((await database.table(looseTable).query({ partition: 'loose' })).items).toEqual([]);
      const manifest = await database.table(manifestTable).find({ owner: 'exe_1', name: 'model.keras' });
      const chunks = await database.table(chunkTable).query({ partition: manifest!.generation });
      expect(chunks.items).toHaveLength(12);
      await database.close();
    }
    expect(orphans).toBeGreaterThan(0);
  }, 240_000);
});
