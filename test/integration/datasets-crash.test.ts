import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '#src/common/config/config.js';
import { openDatabase, type Table } from '#src/database/index.js';
import { ASSET_TABLE, CHUNK_TABLE, DATASET_TABLE, IMPORT_TABLE } from '#src/datasets/dataset.entity.js';

interface Service {
  readonly child: ChildProcess;
  readonly url: string;
}

/** 60,000 hours of two assets: nine chunks of numbers and four documents. */
const csv = (from: number, to: number) =>
  `time,A,B\n${Array.from({ length: to - from }, (_, at) => `${new Date((from + at) * 3_600_000).toISOString()},${at},${at / 7}`).join('\n')}\n`;

/** Real: the service as a process that dies by SIGKILL, and its embedded database, opened again after it. */
describe('a crash during work on datasets', () => {
  /** Starts of whole services are what takes time here, on a busy machine several seconds each. */
  const timeoutMs = 180_000;
  const children: ChildProcess[] = [];
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'trainyard-test-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(moment: string): Promise<Service> {
    const child = fork(new URL('../support/dataset-process.mjs', import.meta.url), [moment], {
      env: { ...process.env, TRAINYARD_DATA_DIR: dataDir, NODE_OPTIONS: '--no-warnings' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    return { child, url: `${url}/api/v1/datasets` };
  }

  /** Sends a request that the service does not survive. */
  async function die(service: Service, path: string, init: RequestInit): Promise<void> {
    const exit = once(service.child, 'exit');
    await expect(fetch(service.url + path, init)).rejects.toThrow('fetch failed');
    expect((await exit)[1]).toBe('SIGKILL');
  }

  async function stop({ child }: Service): Promise<void> {
    const exit = once(child, 'exit');
    child.send('stop');
    expect((await exit)[0]).toBe(0);
  }

  async function create(service: Service): Promise<string> {
    const headers = { 'content-type': 'text/csv' };
    const response = await fetch(`${service.url}?name=kept`, { method: 'POST', headers, body: csv(0, 30_000) });
    expect(response.status).toBe(201);
    return ((await response.json()) as { datasetId: string }).datasetId;
  }

  const upload = (from: number, to: number): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'text/csv', connection: 'close' },
    body: csv(from, to),
  });

  /** How many items of a dataset are left, without any service. */
  async function remains(datasetId: string, generations: readonly string[]) {
    const database = await openDatabase(readConfig({ TRAINYARD_DATA_DIR: dataDir }, 1));
    const count = async <Item extends object>(table: Table<Item>, partition: string) =>
      (await table.query({ partition, limit: 1000 })).items.length;
    try {
      const items = database.table(DATASET_TABLE);
      await database.ensureTables([DATASET_TABLE, ASSET_TABLE, CHUNK_TABLE, IMPORT_TABLE] as never);
      const assets = database.table(ASSET_TABLE);
      return {
        versions: await count(items, datasetId),
        assets: (await Promise.all(generations.map((generation) => count(assets, generation)))).reduce(
          (a, b) => a + b,
          0,
        ),
        chunks: await count(database.table(CHUNK_TABLE), datasetId),
        pending: await count(database.table(IMPORT_TABLE), 'pending'),
      };
    } finally {
      await database.close();
    }
  }

  /** What the journal of a dead service says it was doing. */
  async function pending(): Promise<{ datasetId: string; generation: string }> {
    const database = await openDatabase(readConfig({ TRAINYARD_DATA_DIR: dataDir }, 1));
    try {
      const { items } = await database.table(IMPORT_TABLE).query({ partition: 'pending' });
      expect(items).toHaveLength(1);
      return { datasetId: items[0]!.datasetId, generation: items[0]!.generation };
    } finally {
      await database.close();
    }
  }

  it.each(['chunks:6', 'visible'])(
    'leaves nothing of an import that died at %s',
    async (moment) => {
      const service = await start(moment);
      await die(service, '?name=dies', upload(0, 60_000));
      const { datasetId, generation } = await pending();
      const before = await remains(datasetId, [generation]);
      expect(before).toMatchObject({ versions: 0, pending: 1 });
      expect(before.chunks).toBeGreaterThan(0);
      const again = await start('none');
      expect(await (await fetch(again.url)).json()).toEqual({ items: [], cursor: null });
      await stop(again);
      expect(await remains(datasetId, [generation])).toEqual({ versions: 0, assets: 0, chunks: 0, pending: 0 });
    },
    timeoutMs,
  );

  it(
    'keeps the acknowledged version, whole, when an append dies',
    async () => {
      const first = await start('none');
      const datasetId = await create(first);
      const kept = await (await fetch(`${first.url}/${datasetId}/versions/1`)).json();
      await stop(first);
      const chunks = (await remains(datasetId, [])).chunks;
      const second = await start('visible');
      await die(second, `/${datasetId}/rows`, upload(30_000, 60_000));
      const { generation } = await pending();
      expect((await remains(datasetId, [generation])).chunks).toBeGreaterThan(chunks);
      const third = await start('none');
      expect(await (await fetch(`${third.url}/${datasetId}/versions/1`)).json()).toEqual(kept);
      const appended = await fetch(`${third.url}/${datasetId}/rows`, upload(30_000, 30_001));
      expect(appended.status).toBe(201);
      await stop(third);
      expect(await remains(datasetId, [generation])).toMatchObject({ versions: 2, assets: 0, pending: 0 });
    },
    timeoutMs,
  );

  it(
    'finishes a deletion',
    async () => {
      const service = await start('deleted');
      const datasetId = await create(service);
      await die(service, `/${datasetId}`, { method: 'DELETE' });
      const { generation } = await pending();
      const again = await start('none');
      expect((await fetch(`${again.url}/${datasetId}`)).status).toBe(404);
      await stop(again);
      expect(await remains(datasetId, [generation])).toEqual({ versions: 0, assets: 0, chunks: 0, pending: 0 });
    },
    timeoutMs,
  );
});
