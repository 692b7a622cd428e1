import { createCipheriv, createHash } from 'node:crypto';
import { jest } from '@jest/globals';
import { ARTIFACT_TABLES, ChunkedArtifactStore, type ArtifactStore } from '#src/artifacts/index.js';
import type { Database, TableDefinition } from '#src/database/index.js';
import type { TrainyardError } from '#src/common/errors/index.js';

interface Chunk {
  generation: string;
  index: number;
  data: string;
}
interface Loose {
  list: string;
  since: string;
  generation: string;
  chunks: number;
  artifact: string;
}

/** What every `ArtifactStore` owes, and the traces it may leave in its tables. */
export function describeArtifactStoreContract(open: () => Database): void {
  const [manifestTable, chunkTable, looseTable] = ARTIFACT_TABLES as unknown as [
    TableDefinition<{ owner: string; name: string; generation: string }>,
    TableDefinition<Chunk>,
    TableDefinition<Loose>,
  ];
  let nowMs = Date.parse('2026-06-01T00:00:00Z');
  const clock = { now: () => nowMs };
  let store: ArtifactStore;
  let serial = 0;
  const owner = (): string => `exe_${++serial}`;
  const failure = async (work: Promise<unknown>): Promise<TrainyardError> =>
    work.then(
      () => {
        throw new Error('did not fail');
      },
      (error: unknown) => error as TrainyardError,
    );
  /** Bytes that look random and follow from the seed. */
  const bytesOf = (length: number, seed = 1): Uint8Array =>
    createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length));
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const generationOf = async (of: string, name: string): Promise<string> =>
    (await open().table(manifestTable).find({ owner: of, name }))!.generation;
  const chunksOf = async (generation: string): Promise<number> => {
    const indexes: number[] = [];
    for await (const { index } of open().table(chunkTable).queryAll({ partition: generation })) indexes.push(index);
    return indexes.length;
  };
  const looseGenerations = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const entry of open().table(looseTable).queryAll({ partition: 'loose' })) found.push(entry.generation);
    return found;
  };

  beforeAll(async () => {
    await open().ensureTables(ARTIFACT_TABLES);
    store = new ChunkedArtifactStore(open(), clock);
  });

  describe('write and read', () => {
    it.each([
      ['nothing', 0, 0],
      ['one byte', 1, 1],
      ['one chunk exactly', 270_000, 1],
      ['one byte more than a chunk', 270_001, 2],
      ['5 MB', 5_000_000, 19],
    ])('%s', async (_, length, chunks) => {
      const content = bytesOf(length);
      const of = owner();
      const written = await store.write(of, 'model.keras', content, 'application/zip');
      expect(written).toEqual({
        owner: of,
        name: 'model.keras',
        contentType: 'application/zip',
        bytes: length,
        sha256: hash(content),
        chunks,
        createdAt: '2026-06-01T00:00:00.000Z',
      });
      const { content: read, ...artifact } = await store.read(of, 'model.keras');
      expect(artifact).toEqual(written);
      expect(Buffer.compare(read, content)).toBe(0);
      expect(await chunksOf(await generationOf(of, 'model.keras'))).toBe(chunks);
    });

    it('a view into a larger buffer is only the view', async () => {
      const of = owner();
      const whole = bytesOf(1_000);
      await store.write(of, 'view', whole.subarray(100, 200), 'application/octet-stream');
      expect([...(await store.read(of, 'view')).content]).toEqual([...whole.slice(100, 200)]);
    });

    it('replaces: the new content, and no chunk of the old one', async () => {
      const of = owner();
      await store.write(of, 'checkpoint.json', bytesOf(600_000, 1), 'application/json');
      const old = await generationOf(of, 'checkpoint.json');
      await store.write(of, 'checkpoint.json', bytesOf(10, 2), 'application/json');
      expect([...(await store.read(of, 'checkpoint.json')).content]).toEqual([...bytesOf(10, 2)]);
      expect(await chunksOf(old)).toBe(0);
      expect(await looseGenerations()).toEqual([]);
    });

    it('finds and lists without content, by name', async () => {
      const of = owner();
      const b = await store.write(of, 'b.png', bytesOf(3), 'image/png');
      const a = await store.write(of, 'a.json', bytesOf(2), 'application/json');
      expect(await store.find(of, 'b.png')).toEqual(b);
      expect(await store.find(of, 'c')).toBeNull();
      expect(await store.list(of)).toEqual([a, b]);
      expect(await store.list(owner())).toEqual([]);
    });

    it('what is not there is ARTIFACT_NOT_FOUND', async () => {
      const error = await failure(store.read('exe_none', 'model.keras'));
      expect([error.code, error.message]).toEqual([
        'ARTIFACT_NOT_FOUND',
        'there is no artifact "model.keras" of exe_none',
      ]);
    });
  });

  describe('damage is ARTIFACT_CORRUPT, never wrong bytes', () => {
    const written = async (): Promise<{ of: string; generation: string }> => {
      const of = owner();
      await store.write(of, 'm', bytesOf(600_000), 'application/zip');
      return { of, generation: await generationOf(of, 'm') };
    };

    it('a changed character', async () => {
      const { of, generation } = await written();
      const chunks = open().table(chunkTable);
      const chunk = (await chunks.find({ generation, index: 1 }))!;
      await chunks.put({
        generation,
        index: 1,
        data: `${chunk.data.startsWith('A') ? 'B' : 'A'}${chunk.data.slice(1)}`,
      });
      const error = await failure(store.read(of, 'm'));
      expect(error.code).toBe('ARTIFACT_CORRUPT');
      expect(error.message).toContain(`SHA-256 ${hash(bytesOf(600_000))} recorded`);
    });

    it('a missing chunk', async () => {
      const { of, generation } = await written();
      await open().table(chunkTable).delete({ generation, index: 2 });
      const error = await failure(store.read(of, 'm'));
      expect([error.code, error.details.found]).toEqual(['ARTIFACT_CORRUPT', 'a chunk is missing']);
    });

    it('swapped chunks', async () => {
      const { of, generation } = await written();
      const chunks = open().table(chunkTable);
      const [first, second] = [
        await chunks.find({ generation, index: 0 }),
        await chunks.find({ generation, index: 1 }),
      ];
      await chunks.putMany([
        { generation, index: 0, data: second!.data },
        { generation, index: 1, data: first!.data },
      ]);
      expect((await failure(store.read(of, 'm'))).code).toBe('ARTIFACT_CORRUPT');
    });
  });

  describe('competition', () => {
    it('of six writers of a new artifact one wins, the others leave nothing', async () => {
      const of = owner();
      const results = await Promise.allSettled(
        Array.from({ length: 6 }, async (_, n) => store.write(of, 'm', bytesOf(300_000, n + 1), 'application/zip')),
      );
      const codes = results.map((r) => (r.status === 'fulfilled' ? 'won' : (r.reason as TrainyardError).code));
      expect([...codes].sort()).toEqual([...Array<string>(5).fill('CONFLICT'), 'won']);
      const winner = codes.indexOf('won');
      expect((await store.read(of, 'm')).sha256).toBe(hash(bytesOf(300_000, winner + 1)));
      expect(await looseGenerations()).toEqual([]);
    });

    it('readers see one content or another while it is replaced, never a mixture', async () => {
      const of = owner();
      const known = new Set(Array.from({ length: 8 }, (_, n) => hash(bytesOf(600_000, n))));
      await store.write(of, 'm', bytesOf(600_000, 0), 'application/zip');
      let writing = true;
      const reader = async (): Promise<number> => {
        let reads = 0;
        for (; writing || reads === 0; reads++) expect(known).toContain(hash((await store.read(of, 'm')).content));
        return reads;
      };
      const readers = [reader(), reader()];
      for (let n = 1; n < 8; n++) await store.write(of, 'm', bytesOf(600_000, n), 'application/zip');
      writing = false;
      expect(Math.min(...(await Promise.all(readers)))).toBeGreaterThan(0);
      expect((await store.read(of, 'm')).sha256).toBe(hash(bytesOf(600_000, 7)));
    }, 240_000);
  });

  describe('delete', () => {
    it('removes the artifact and its chunks; twice is no error', async () => {
      const of = owner();
      await store.write(of, 'm', bytesOf(300_000), 'application/zip');
      const generation = await generationOf(of, 'm');
      await store.delete(of, 'm');
      await store.delete(of, 'm');
      expect(await store.find(of, 'm')).toBeNull();
      expect(await chunksOf(generation)).toBe(0);
      expect(await looseGenerations()).toEqual([]);
    });

    it('deleteAll removes those of the owner only', async () => {
      const [of, other] = [owner(), owner()];
      for (const name of ['a', 'b', 'c', 'd', 'e']) await store.write(of, name, bytesOf(5), 'text/plain');
      await store.write(other, 'a', bytesOf(5), 'text/plain');
      await store.deleteAll(of);
      expect(await store.list(of)).toEqual([]);
      expect((await store.list(other)).map(({ name }) => name)).toEqual(['a']);
    });
  });

  describe('sweep', () => {
    const HOUR_MS = 3_600_000;

    /** The traces of a process that was killed after `written` of three chunks. */
    const leaveHalfWritten = async (written: number): Promise<string> => {
      const generation = `gen_half_${++serial}`;
      const since = `${new Date(nowMs).toISOString()}/${generation}`;
      await open().table(looseTable).create({ list: 'loose', since, generation, chunks: 3, artifact: 'x/y' });
      const chunks = Array.from({ length: written }, (_, index) => ({ generation, index, data: 'AAAA' }));
      await open().table(chunkTable).putMany(chunks);
      return generation;
    };

    it('removes an unfinished generation once it is old enough, and nothing else', async () => {
      const of = owner();
      await store.write(of, 'm', bytesOf(600_000), 'application/zip');
      const generation = await leaveHalfWritten(2);
      nowMs += HOUR_MS / 2;
      expect(await store.sweep(HOUR_MS)).toBe(0);
      expect(await chunksOf(generation)).toBe(2);
      nowMs += HOUR_MS;
      expect(await store.sweep(HOUR_MS)).toBe(2);
      expect([await chunksOf(generation), await looseGenerations()]).toEqual([0, []]);
      expect((await store.read(of, 'm')).bytes).toBe(600_000);
      expect(await store.sweep(HOUR_MS)).toBe(0);
    });

    it('removes an empty registration and many at once', async () => {
      await leaveHalfWritten(0);
      for (let n = 0; n < 5; n++) await leaveHalfWritten(1);
      nowMs += 2 * HOUR_MS;
      expect(await store.sweep(HOUR_MS)).toBe(5);
      expect(await looseGenerations()).toEqual([]);
    });

    it('makes a writer that was slower than the limit fail, and the old content stays', async () => {
      const of = owner();
      const old = await store.write(of, 'm', bytesOf(10, 1), 'application/zip');
      // The sweep comes after the chunks and before the commit.
      const database = open();
      const transact = jest.spyOn(database, 'transact').mockImplementationOnce(async (writes) => {
        nowMs += 2 * HOUR_MS;
        expect(await store.sweep(HOUR_MS)).toBe(2);
        return database.transact(writes);
      });
      const error = await failure(store.write(of, 'm', bytesOf(300_000, 2), 'application/zip'));
      transact.mockRestore();
      expect([error.code, error.details.table]).toEqual(['CONFLICT', 'artifact-loose-generation']);
      expect(await store.find(of, 'm')).toEqual(old);
      expect((await store.read(of, 'm')).sha256).toBe(hash(bytesOf(10, 1)));
      expect(await looseGenerations()).toEqual([]);
    });
  });
}
