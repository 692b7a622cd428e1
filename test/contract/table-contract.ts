import type { TrainyardError } from '#src/common/errors/index.js';
import type { Database, Stored, Table, TableDefinition } from '#src/database/index.js';

interface Reading {
  station: string;
  at: string;
  value?: number;
  state?: string;
  ok?: boolean;
  note?: string;
  detail?: unknown;
}

const READING: TableDefinition<Reading> = {
  name: 'contract-reading',
  partitionKey: 'station',
  sortKey: 'at',
  attributes: {
    station: 'string',
    at: 'string',
    value: 'number',
    state: 'string',
    ok: 'boolean',
    note: 'string',
    detail: 'json',
  },
  indexes: [{ name: 'by-state', partitionKey: 'state', sortKey: 'at' }],
};

interface Counter {
  id: string;
  count: number;
}

const COUNTER: TableDefinition<Counter> = {
  name: 'contract-counter',
  partitionKey: 'id',
  attributes: { id: 'string', count: 'number' },
};

/** What every `Table` owes, whatever the server behind it. */
export function describeTableContract(open: () => Database): void {
  let readings: Table<Reading>;
  let counters: Table<Counter>;
  let serial = 0;
  /** A partition of its own for each test. */
  const station = (): string => `station-${++serial}`;
  const at = (n: number): string => `2026-01-01T${String(n).padStart(5, '0')}`;
  const failure = async (work: Promise<unknown>): Promise<TrainyardError> =>
    work.then(
      () => {
        throw new Error('did not fail');
      },
      (error: unknown) => error as TrainyardError,
    );
  const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const all: T[] = [];
    for await (const item of items) all.push(item);
    return all;
  };

  beforeAll(async () => {
    const database = open();
    await database.ensureTables([READING, COUNTER]);
    // Twice: a start with existing tables.
    await database.ensureTables([READING, COUNTER]);
    readings = database.table(READING);
    counters = database.table(COUNTER);
  });

  describe('one item', () => {
    it('comes back as it was written, with version 1', async () => {
      const item: Reading = {
        station: station(),
        at: at(1),
        value: -0.1 + 0.3,
        state: 'Zürich 🚆',
        ok: false,
        detail: { list: [1, 'two', null, { three: [] }], empty: '', big: 1e300, tiny: 5e-324 },
      };
      expect(await readings.create(item)).toEqual({ ...item, version: 1 });
      expect(await readings.find({ station: item.station, at: item.at })).toEqual({ ...item, version: 1 });
    });

    it('does not write null and undefined, reading gives neither', async () => {
      const key = { station: station(), at: at(1) };
      await readings.create({ ...key, value: undefined, state: null as unknown as undefined, detail: null });
      const found = await readings.find(key);
      expect(Object.keys(found!).sort()).toEqual(['at', 'station', 'version']);
    });

    it('keeps empty texts, zero and every finite double of ordinary size exactly', async () => {
      const name = station();
      const values = [0, 1e-12, Math.PI, 1 / 3, -123456789.12345679, Number.MAX_SAFE_INTEGER, 1.7976931348623157e-100];
      await readings.putMany(values.map((value, n) => ({ station: name, at: at(n), value, detail: '' })));
      const page = await readings.query({ partition: name });
      expect(page.items.map(({ value }) => value)).toEqual(values);
      expect(page.items.map(({ detail }) => detail)).toEqual(values.map(() => ''));
    });

    it('is null when missing', async () => {
      expect(await readings.find({ station: station(), at: at(1) })).toBeNull();
    });

    it('is created once: the second time is a conflict and changes nothing', async () => {
      const item = { station: station(), at: at(1), value: 1 };
      await readings.create(item);
      const error = await failure(readings.create({ ...item, value: 2 }));
      expect(error.code).toBe('CONFLICT');
      expect(error.message).toContain('it exists already');
      expect(await readings.find(item)).toEqual({ ...item, version: 1 });
    });

    it('is updated from the version that was read, else it is a conflict', async () => {
      const first = await readings.create({ station: station(), at: at(1), value: 1, state: 'a' });
      const second = await readings.update(first, { value: 2, state: undefined, ok: true });
      expect(second).toEqual({ station: first.station, at: first.at, value: 2, ok: true, version: 2 });
      const error = await failure(readings.update(first, { value: 3 }));
      expect(error.code).toBe('CONFLICT');
      expect(error.message).toContain('no longer has version 1');
      expect(await readings.find({ station: first.station, at: first.at })).toEqual(second);
    });

    it('is not brought back by an update after its deletion', async () => {
      const item = await readings.create({ station: station(), at: at(1), value: 1 });
      await readings.delete(item);
      expect((await failure(readings.update(item, { value: 2 }))).code).toBe('CONFLICT');
      expect(await readings.find({ station: item.station, at: item.at })).toBeNull();
    });

    it('is deleted at a version only when it has it; twice is no error', async () => {
      const item = await readings.create({ station: station(), at: at(1) });
      const key = { station: item.station, at: item.at };
      expect((await failure(readings.delete(key, 2))).code).toBe('CONFLICT');
      expect(await readings.find(key)).toEqual(item);
      await readings.delete(key, 1);
      expect(await readings.find(key)).toBeNull();
      await readings.delete(key, 1);
      await readings.delete(key);
    });

    it('put overwrites', async () => {
      const key = { station: station(), at: at(1) };
      await readings.put({ ...key, value: 1, state: 'a' });
      await readings.put({ ...key, value: 2 });
      expect(await readings.find(key)).toEqual({ ...key, value: 2, version: 1 });
    });
  });

  describe('competing writers', () => {
    it('one of twelve creates wins', async () => {
      const key = { station: station(), at: at(1) };
      const results = await Promise.allSettled(
        Array.from({ length: 12 }, async (_, value) => readings.create({ ...key, value })),
      );
      const won = results.filter((result) => result.status === 'fulfilled');
      expect(won).toHaveLength(1);
      expect(await readings.find(key)).toEqual((won[0] as PromiseFulfilledResult<Stored<Reading>>).value);
    });

    it('modify loses no increment', async () => {
      const id = station();
      await counters.create({ id, count: 0 });
      const worker = async (): Promise<void> => {
        for (let n = 0; n < 5; n++) {
          let done = false;
          while (!done) {
            done = await counters
              .modify({ id }, ({ count }) => ({ count: count + 1 }))
              .then(
                () => true,
                (error: TrainyardError) => {
                  if (error.code !== 'CONFLICT') throw error;
                  return false;
                },
              );
          }
        }
      };
      await Promise.all(Array.from({ length: 4 }, worker));
      expect(await counters.find({ id })).toEqual({ id, count: 20, version: 21 });
    });

    it('modify gives null for a missing item, and the item unchanged when there is nothing to do', async () => {
      const id = station();
      expect(await counters.modify({ id }, () => ({ count: 1 }))).toBeNull();
      const item = await counters.create({ id, count: 7 });
      expect(await counters.modify({ id }, () => null)).toEqual(item);
    });

    it('modify gives up after ten conflicts', async () => {
      const id = station();
      await counters.create({ id, count: 0 });
      let tries = 0;
      // The item is replaced between each read and write.
      const original = counters.find.bind(counters);
      counters.find = async (key) => {
        const found = await original(key);
        if (found !== null) await counters.update(found, { count: found.count + 1 });
        return found;
      };
      try {
        const error = await failure(counters.modify({ id }, () => (tries++, { count: -1 })));
        expect([error.code, tries]).toEqual(['CONFLICT', 10]);
      } finally {
        counters.find = original;
      }
    });
  });

  describe('many items', () => {
    it('are written, read and deleted across batch borders', async () => {
      const name = station();
      const items = Array.from({ length: 237 }, (_, n) => ({ station: name, at: at(n), value: n }));
      await readings.putMany(items);
      const found = await readings.findMany([...items, { station: name, at: 'missing' }]);
      expect(found.sort((a, b) => a.value! - b.value!)).toEqual(items.map((item) => ({ ...item, version: 1 })));
      await readings.deleteMany(items.slice(0, 230));
      expect((await readings.query({ partition: name })).items.map(({ value }) => value)).toEqual([
        230, 231, 232, 233, 234, 235, 236,
      ]);
    });

    it('the last of two with one key wins, and keys may be asked for twice', async () => {
      const key = { station: station(), at: at(1) };
      await readings.putMany([
        { ...key, value: 1 },
        { ...key, value: 2 },
      ]);
      expect(await readings.findMany([key, key])).toEqual([{ ...key, value: 2, version: 1 }]);
      await readings.deleteMany([key, key]);
      expect(await readings.findMany([key])).toEqual([]);
    });

    it('nothing is nothing', async () => {
      await readings.putMany([]);
      await readings.deleteMany([]);
      expect(await readings.findMany([])).toEqual([]);
    });

    it('large ones are split by bytes and all read back', async () => {
      const name = station();
      const text = 'x'.repeat(390_000);
      const items = Array.from({ length: 50 }, (_, n) => ({ station: name, at: at(n), detail: `${n}${text}` }));
      await readings.putMany(items);
      const found = await readings.findMany(items);
      expect(found).toHaveLength(50);
      expect(found.reduce((sum, { detail }) => sum + (detail as string).length, 0)).toBe(50 * 390_000 + 90);
      expect(await collect(readings.queryAll({ partition: name }))).toHaveLength(50);
      await readings.deleteMany(items);
    }, 240_000);
  });

  describe('transactions', () => {
    it('do all writes, over several tables', async () => {
      const id = station();
      const old = await readings.create({ station: id, at: at(1), value: 1, state: 'a' });
      const gone = await readings.create({ station: id, at: at(2) });
      await open().transact([
        counters.toCreate({ id, count: 1 }),
        readings.toUpdate(old, { value: 2, state: undefined }),
        readings.toDelete(gone),
      ]);
      expect(await counters.find({ id })).toEqual({ id, count: 1, version: 1 });
      expect((await readings.query({ partition: id })).items).toEqual([
        { station: id, at: at(1), value: 2, version: 2 },
      ]);
    });

    it.each(['create', 'update', 'delete'])('do nothing when the %s of one is in conflict', async (kind) => {
      const id = station();
      const stale = await readings.create({ station: id, at: at(1), value: 1 });
      const now = await readings.update(stale, { value: 2 });
      const failing = {
        create: () => readings.toCreate({ station: id, at: at(1), value: 3 }),
        update: () => readings.toUpdate(stale, { value: 3 }),
        delete: () => readings.toDelete(stale),
      }[kind]!;
      const error = await failure(open().transact([counters.toCreate({ id, count: 1 }), failing()]));
      expect([error.code, error.details.table]).toEqual(['CONFLICT', 'contract-reading']);
      expect(await counters.find({ id })).toBeNull();
      expect(await readings.find({ station: id, at: at(1) })).toEqual(now);
    });

    it('of which eight compete: one wins whole', async () => {
      const id = station();
      const current = await counters.create({ id, count: 0 });
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, async (_, n) =>
          open().transact([
            counters.toUpdate(current, { count: n + 1 }),
            readings.toCreate({ station: id, at: at(n), value: n + 1 }),
          ]),
        ),
      );
      const codes = results.map((result) =>
        result.status === 'fulfilled' ? 'won' : (result.reason as TrainyardError).code,
      );
      expect(codes.sort()).toEqual([...Array<string>(7).fill('CONFLICT'), 'won']);
      const { count } = (await counters.find({ id }))!;
      expect((await readings.query({ partition: id })).items.map(({ value }) => value)).toEqual([count]);
    });

    it('of nothing, of too much, and of foreign writes', async () => {
      await open().transact([]);
      const many = Array.from({ length: 101 }, (_, n) => counters.toCreate({ id: `many-${n}`, count: n }));
      expect((await failure(open().transact(many))).message).toBe('a transaction has at most 100 writes, not 101');
      expect((await failure(open().transact([{ table: 'x', key: {} }]))).message).toContain(
        'was not prepared by a table',
      );
    });
  });

  describe('queries', () => {
    const name = 'query-station';
    const state = 'query-even';

    beforeAll(async () => {
      await readings.putMany(
        Array.from({ length: 300 }, (_, n) => ({
          station: name,
          at: at(n),
          value: n % 100,
          state: n % 2 === 0 ? state : 'query-odd',
          ok: n % 97 === 0,
        })),
      );
    });

    const values = (items: readonly Stored<Reading>[]): string[] => items.map((item) => item.at);

    it('give 50 items in order, and a cursor to the rest', async () => {
      const first = await readings.query({ partition: name });
      expect(values(first.items)).toEqual(Array.from({ length: 50 }, (_, n) => at(n)));
      const second = await readings.query({ partition: name, cursor: first.cursor });
      expect(values(second.items)).toEqual(Array.from({ length: 50 }, (_, n) => at(50 + n)));
    });

    it('end with a null cursor exactly at the last item', async () => {
      const page = await readings.query({ partition: name, limit: 300 });
      expect([page.items.length, page.cursor]).toEqual([300, null]);
      const shorter = await readings.query({ partition: name, limit: 299 });
      expect(shorter.cursor).not.toBeNull();
      const rest = await readings.query({ partition: name, limit: 299, cursor: shorter.cursor });
      expect([values(rest.items), rest.cursor]).toEqual([[at(299)], null]);
    });

    it.each<[string, Query, number[]]>([
      ['equals', { sort: { equals: at(7) } }, [7]],
      ['beginsWith', { sort: { beginsWith: at(7).slice(0, -1) } }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
      ['between, borders included', { sort: { between: [at(3), at(5)] } }, [3, 4, 5]],
      ['greaterThan', { sort: { greaterThan: at(296) } }, [297, 298, 299]],
      ['lessThan', { sort: { lessThan: at(2) } }, [0, 1]],
      ['descending', { sort: { lessThan: at(3) }, descending: true }, [2, 1, 0]],
    ])('take the sort condition %s', async (_, query, expected) => {
      expect(values((await readings.query({ partition: name, ...query })).items)).toEqual(expected.map(at));
    });

    it('refill a filtered page until the limit', async () => {
      const page = await readings.query({ partition: name, where: { ok: true }, limit: 3 });
      expect(values(page.items)).toEqual([at(0), at(97), at(194)]);
      const rest = await readings.query({ partition: name, where: { ok: true }, limit: 3, cursor: page.cursor });
      expect([values(rest.items), rest.cursor]).toEqual([[at(291)], null]);
    });

    it('filter by several attributes, on the table even when they would fit an index', async () => {
      const page = await readings.query({ partition: name, where: { state, value: 4, ok: undefined } });
      expect(values(page.items)).toEqual([at(4), at(104), at(204)]);
    });

    it('page through an index in both directions without loss or repetition', async () => {
      for (const descending of [false, true]) {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page: Awaited<ReturnType<typeof readings.query>> = await readings.query({
            index: 'by-state',
            partition: state,
            limit: 37,
            descending,
            cursor,
          });
          seen.push(...values(page.items));
          cursor = page.cursor;
        } while (cursor !== null);
        const expected = Array.from({ length: 150 }, (_, n) => at(2 * n));
        expect(seen).toEqual(descending ? expected.reverse() : expected);
      }
    });

    it('leave items without the key out of an index', async () => {
      const key = { station: station(), at: at(1) };
      await readings.put(key);
      await readings.put({ ...key, at: at(2), state: key.station });
      expect(values((await readings.query({ index: 'by-state', partition: key.station })).items)).toEqual([at(2)]);
    });

    it('queryAll gives everything, over pages', async () => {
      expect(values(await collect(readings.queryAll({ partition: name })))).toEqual(
        Array.from({ length: 300 }, (_, n) => at(n)),
      );
    });

    it('an empty partition is an empty last page', async () => {
      expect(await readings.query({ partition: station() })).toEqual({ items: [], cursor: null });
    });

    it('refuse a cursor that was changed, is foreign, or is no cursor at all', async () => {
      const { cursor } = await readings.query({ partition: name, limit: 2 });
      const inside = JSON.parse(Buffer.from(cursor!, 'base64url').toString()) as { key: { at: string } };
      inside.key.at = at(200);
      const bad = [
        Buffer.from(JSON.stringify(inside)).toString('base64url'),
        cursor!.slice(0, -4),
        'no cursor',
        '',
        Buffer.from('null').toString('base64url'),
        Buffer.from('{"key":{}}').toString('base64url'),
      ];
      for (const text of bad) {
        expect((await failure(readings.query({ partition: name, limit: 2, cursor: text }))).code).toBe(
          'CURSOR_INVALID',
        );
      }
      const elsewhere = await failure(readings.query({ partition: name, descending: true, cursor }));
      expect(elsewhere.code).toBe('CURSOR_INVALID');
      expect(elsewhere.message).toContain('pass the cursor of the previous page unchanged');
    });

    it.each<[string, Query, string]>([
      ['an unknown index', { index: 'nope' }, 'has no index "nope"'],
      ['a limit of 0', { limit: 0 }, "a query's limit is 1 to 1000, not 0"],
      ['a limit of 1001', { limit: 1001 }, "a query's limit is 1 to 1000, not 1001"],
      ['an unknown filter', { where: { nope: 1 } as object }, '"where" names "nope", which is not declared'],
      ['a filter on json', { where: { detail: 1 } }, 'cannot look into "detail", which is json'],
      ['a filter on a key', { where: { at: 'x' } }, 'use "partition" and "sort"'],
      [
        'a filter of another type',
        { where: { value: 'x' } as object },
        'has a value of type string, declared is number',
      ],
    ])('fail loudly on %s', async (_, query, message) => {
      const error = await failure(readings.query({ partition: name, ...query }));
      expect(error.message).toContain(message);
      expect(error.code).toBeUndefined();
    });
  });

  describe('programming errors are plain and loud', () => {
    const key = { station: 'loud', at: '1' };
    it.each<[string, object, string]>([
      ['an undeclared attribute', { ...key, nope: 1 }, 'attribute "nope" is not declared'],
      ['the version', { ...key, version: 3 }, 'attribute "version" is counted by the database layer'],
      ['another type', { ...key, value: '1' }, 'has a value of type string, declared is number'],
      ['NaN', { ...key, value: NaN }, 'is NaN, which the database cannot hold'],
      ['a number without exact form', { ...key, value: 2 ** 60 }, 'outside what the database holds exactly'],
      ['a vanishing number', { ...key, value: 1e-200 }, 'outside what the database holds exactly'],
      ['NaN inside json', { ...key, detail: { a: [0, NaN] } }, 'holds NaN at detail.a.1'],
      [
        'a typed array inside json',
        { ...key, detail: { a: new Float64Array(2) } },
        'at detail.a, which JSON does not have',
      ],
      ['a Date inside json', { ...key, detail: new Date(0) }, 'holds [object Date] at detail'],
      ['an empty key', { station: '', at: '1' }, 'attribute "station" is part of the key and is ""'],
      ['a missing key', { station: 'x' }, 'attribute "at" is part of the key and is missing'],
      ['a long key', { station: 'x', at: 'é'.repeat(513) }, 'has 1026 bytes, the limit is 1024'],
      ['an empty key of an index', { ...key, state: '' }, 'is a key of index by-state and is empty'],
      [
        'a long key of an index',
        { ...key, state: 'x'.repeat(2_049) },
        'index by-state and has 2049 bytes, the limit is 2048',
      ],
      ['an item near 400 KB', { ...key, detail: 'x'.repeat(400_000) }, 'its largest attribute is "detail" with 400002'],
    ])('%s', async (_, item, message) => {
      for (const write of [
        readings.create(item as Reading),
        readings.put(item as Reading),
        readings.putMany([item as Reading]),
      ]) {
        const error = await failure(write);
        expect(error.message).toContain(message);
        expect(error.code).toBeUndefined();
      }
    });

    it('a change of the key, and one that makes the item too large', async () => {
      const item = await readings.create({ station: station(), at: at(1), note: 'x'.repeat(200_000) });
      expect((await failure(readings.update(item, { at: at(2) }))).message).toContain(
        '"at" is part of the key and cannot change',
      );
      expect((await failure(readings.update(item, { detail: 'y'.repeat(200_000) }))).message).toMatch(
        /has 4\d{5} bytes, the limit is 400000/,
      );
      expect((await failure(readings.update(item, { nope: 1 } as object))).message).toContain('is not declared');
    });
  });

  type Query = Omit<Parameters<Table<Reading>['query']>[0], 'partition'>;
}
