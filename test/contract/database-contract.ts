import type { TrainyardError } from '#src/common/errors/index.js';
import { openDatabase, type DatabaseConfig, type TableDefinition } from '#src/database/index.js';

interface Item {
  id: string;
  at: number;
  kind?: string;
}

const attributes = { id: 'string', at: 'number', kind: 'string' } as const;
const definition = (name: string, extra: Partial<TableDefinition<Item>> = {}): TableDefinition<Item> => ({
  name,
  partitionKey: 'id',
  sortKey: 'at',
  attributes,
  ...extra,
});

/** What `openDatabase` owes about tables, whatever the server behind it; `endpoint` is a running one. */
export function describeDatabaseContract(endpoint: () => DatabaseConfig): void {
  const open = async (change: Partial<DatabaseConfig['database']> = {}) => {
    const config = endpoint();
    const database = await openDatabase({ ...config, database: { ...config.database, ...change } });
    closing.push(async () => database.close());
    return database;
  };
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  const failure = async (work: Promise<unknown>): Promise<TrainyardError> =>
    work.then(
      () => {
        throw new Error('did not fail');
      },
      (error: unknown) => error as TrainyardError,
    );

  it('creates one table for several that ask at once', async () => {
    const databases = await Promise.all([open(), open(), open()]);
    const wanted = definition('made-at-once');
    await Promise.all(databases.map(async (database) => database.ensureTables([wanted, { ...wanted }])));
    await databases[0].table(wanted).create({ id: 'a', at: 1 });
    expect(await databases[2].table(wanted).find({ id: 'a', at: 1 })).toEqual({ id: 'a', at: 1, version: 1 });
  });

  it('answers a ping', async () => {
    await expect((await open()).ping()).resolves.toBeUndefined();
  });

  it('keeps prefixes apart', async () => {
    const prefix = endpoint().database.tablePrefix;
    const [one, two] = [await open({ tablePrefix: `${prefix}one-` }), await open({ tablePrefix: `${prefix}two-` })];
    const wanted = definition('apart');
    for (const database of [one, two]) await database.ensureTables([wanted]);
    await one.table(wanted).create({ id: 'a', at: 1 });
    expect(await two.table(wanted).find({ id: 'a', at: 1 })).toBeNull();
  });

  it('where tables are not created, a missing one is named with the remedy', async () => {
    const database = await open({ createTables: false });
    const error = await failure(database.ensureTables([definition('never-made')]));
    expect([error.code, error.message]).toEqual([
      'CONFIG_INVALID',
      `table "${endpoint().database.tablePrefix}never-made" does not exist: create it, or set TRAINYARD_CREATE_TABLES=true to have it created`,
    ]);
  });

  it('where tables are not created, existing ones are used', async () => {
    const wanted = definition('made-before');
    await (await open()).ensureTables([wanted]);
    const database = await open({ createTables: false });
    await database.ensureTables([wanted]);
    expect(await database.table(wanted).create({ id: 'a', at: 1 })).toEqual({ id: 'a', at: 1, version: 1 });
  });

  it('a table with other keys is refused with both', async () => {
    await (await open()).ensureTables([definition('other-keys')]);
    const error = await failure((await open()).ensureTables([definition('other-keys', { sortKey: 'kind' })]));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('the keys of the table are id, kind here and id, at there');
  });

  it('an index of a newer version is added, and finds the items of the older one', async () => {
    const old = await open();
    await old.ensureTables([definition('grows')]);
    await old.table(definition('grows')).putMany([
      { id: 'a', at: 1, kind: 'x' },
      { id: 'b', at: 2, kind: 'x' },
      { id: 'c', at: 3 },
    ]);
    const wanted = definition('grows', { indexes: [{ name: 'by-kind', partitionKey: 'kind', sortKey: 'at' }] });
    const refused = await failure((await open({ createTables: false })).ensureTables([wanted]));
    expect(refused.message).toContain('the keys of index by-kind are kind, at here and missing there');
    const database = await open();
    await database.ensureTables([wanted]);
    const { items } = await database.table(wanted).query({ index: 'by-kind', partition: 'x', descending: true });
    expect(items.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it.each<[string, TableDefinition<Item>, string]>([
    [
      'an attribute of ours',
      definition('bad', { attributes: { ...attributes, version: 'number' } as never }),
      'table bad: "version" belongs to the database layer, name the attribute differently',
    ],
    [
      'a boolean key',
      definition('bad', { attributes: { ...attributes, at: 'boolean' } }),
      'table bad: key attribute "at" is boolean, it must be a string or a number',
    ],
    [
      'an undeclared key',
      definition('bad', { indexes: [{ name: 'i', partitionKey: 'kind', sortKey: 'nope' as never }] }),
      'table bad: key attribute "nope" is not declared, it must be a string or a number',
    ],
    ['a bad name', definition('ba d'), 'must have 3 to 255 letters, digits'],
  ])('a definition with %s is a programming error', async (_, wrong, message) => {
    const database = await open();
    expect(() => database.table(wrong)).toThrow(message);
  });

  it('nobody at the endpoint is STORAGE_UNAVAILABLE, for calls and for the health check', async () => {
    // Port 9 of loopback: nothing listens there.
    const database = await open({ endpoint: 'http://127.0.0.1:9', createTables: false });
    const table = database.table(definition('unreachable'));
    for (const work of [database.ping(), table.find({ id: 'a', at: 1 }), table.putMany([{ id: 'a', at: 1 }])]) {
      const error = await failure(work);
      expect(error.code).toBe('STORAGE_UNAVAILABLE');
      expect(error.message).toContain('the database at http://127.0.0.1:9 does not answer');
    }
    expect((await failure(database.ensureTables([definition('unreachable')]))).code).toBe('STORAGE_UNAVAILABLE');
  }, 240_000);
}
