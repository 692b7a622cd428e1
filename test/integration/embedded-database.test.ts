import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainyardError } from '#src/common/errors/index.js';
import { openDatabase, type Database, type TableDefinition } from '#src/database/index.js';
import { EmbeddedDatabase, type EmbeddedDatabaseOptions } from '#src/database/embedded/embedded-database.js';
import { findExecutable } from '#src/database/embedded/executable.js';
import { ServiceProcess, eventually, processesOf } from './embedded-database-support.js';

interface Item {
  id: string;
  number: number;
  text: string;
}
const ITEM: TableDefinition<Item> = {
  name: 'process-item',
  partitionKey: 'id',
  sortKey: 'number',
  attributes: { id: 'string', number: 'number', text: 'string' },
};

let dataDir: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trainyard-embedded-'));
  cleanups.push(async () => rm(dataDir, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const open = async (): Promise<Database> => {
  const database = await openDatabase({
    dataDir,
    database: { kind: 'embedded', endpoint: null, region: 'us-east-1', tablePrefix: '', createTables: true },
  });
  cleanups.push(async () => database.close());
  await database.ensureTables([ITEM]);
  return database;
};
const start = async (options: Partial<EmbeddedDatabaseOptions> = {}): Promise<EmbeddedDatabase> => {
  const embedded = await EmbeddedDatabase.start({ directory: join(dataDir, 'database'), ...options });
  cleanups.push(async () => embedded.stop());
  return embedded;
};
const service = (mode: ConstructorParameters<typeof ServiceProcess>[0]): ServiceProcess => {
  const process = new ServiceProcess(mode, dataDir);
  cleanups.push(async () => process.kill());
  return process;
};
const failure = async (work: Promise<unknown>): Promise<TrainyardError> =>
  work.then(
    () => {
      throw new Error('did not fail');
    },
    (error: unknown) => error as TrainyardError,
  );
const servers = (): number[] =>
  processesOf(dataDir)
    .filter(({ command }) => command.includes('/dynoxide serve') && !command.startsWith('/bin/sh'))
    .map(({ pid }) => pid);
const guardians = (): number[] =>
  processesOf(dataDir)
    .filter(({ command }) => command.startsWith('/bin/sh'))
    .map(({ pid }) => pid);
const none = (list: unknown[]): boolean => list.length === 0;
const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe('start and stop', () => {
  it('serves on loopback alone, leaves no process behind, and has the data at the next start', async () => {
    const first = await open();
    expect(first.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(servers()).toHaveLength(1);
    await first.table(ITEM).create({ id: 'a', number: 1, text: 'kept' });
    await first.close();
    expect(processesOf(dataDir)).toEqual([]);
    const second = await open();
    expect(await second.table(ITEM).find({ id: 'a', number: 1 })).toMatchObject({ text: 'kept', version: 1 });
  });

  it('makes the directory private, also one that exists', async () => {
    await mkdir(join(dataDir, 'database'));
    await chmod(join(dataDir, 'database'), 0o755);
    await open();
    expect(await mode(join(dataDir, 'database'))).toBe('700');
  });

  it('creates a missing directory with everything above it private', async () => {
    const deep = join(dataDir, 'not', 'there');
    const embedded = await start({ directory: deep });
    expect([await mode(deep), await mode(join(dataDir, 'not'))]).toEqual(['700', '700']);
    expect(embedded.endpoint).toBe(`http://127.0.0.1:${embedded.port}`);
  });

  it('answers every call with STORAGE_UNAVAILABLE after the close', async () => {
    const database = await open();
    await database.close();
    await database.close();
    const error = await failure(database.table(ITEM).find({ id: 'a', number: 1 }));
    expect([error.code, error.message]).toEqual([
      'STORAGE_UNAVAILABLE',
      `the database at ${database.address} is closed, the service is stopping`,
    ]);
  });

  it('says what to do on a platform without a binary', () => {
    expect(() => findExecutable('win32', 'arm64')).toThrow(
      'the embedded database has no binary for win32-arm64 (@dynoxide/win32-arm64 is not installed): ' +
        'run `docker compose up -d dynamodb` and set DYNAMO_ENDPOINT=http://127.0.0.1:8000',
    );
  });

  it('says what is wrong with a damaged file, and gives the directory free again', async () => {
    await mkdir(join(dataDir, 'database'));
    await writeFile(join(dataDir, 'database', 'data.db'), 'this is not a database, but it is long enough to look at');
    for (let n = 0; n < 2; n++) {
      const error = await failure(open());
      expect(error.code).toBe('DATABASE_START_FAILED');
      expect(error.message).toContain(join(dataDir, 'database', 'data.db'));
      expect(error.message).toContain('not a valid SQLite database');
    }
    expect(processesOf(dataDir)).toEqual([]);
  });
});

describe('one service at a time', () => {
  it('refuses a directory that another process uses, naming it', async () => {
    const other = service('hold');
    await other.until('open');
    const error = await failure(open());
    expect([error.code, error.details.pid]).toEqual(['DATABASE_START_FAILED', other.child.pid]);
    expect(error.message).toContain(`is used by process ${other.child.pid}: stop it, or set TRAINYARD_DATA_DIR`);
    expect(servers()).toHaveLength(1);
  });

  it('refuses a second opening by the same process, until the first is closed', async () => {
    const database = await open();
    expect((await failure(open())).details.pid).toBe(process.pid);
    await database.close();
    await expect((await open()).ping()).resolves.toBeUndefined();
  });

  it('lets one of five that start together in', async () => {
    const started = Array.from({ length: 5 }, () => service('hold'));
    const outcomes = await Promise.all(
      started.map(async (one) =>
        one.until('open').then(
          () => 'open',
          (error: Error) => error.message,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'open')).toHaveLength(1);
    expect(outcomes.filter((outcome) => /is used by process \d+/.test(outcome))).toHaveLength(4);
    expect(servers()).toHaveLength(1);
  }, 240_000);

  it('takes over from an owner whose number now belongs to another process', async () => {
    await mkdir(join(dataDir, 'database'));
    // As in a container, where the service is always number 1.
    const owner = { process: { pid: process.pid, startedAt: 'an-earlier-boot:1' }, released: false };
    await writeFile(join(dataDir, 'database', 'owner.7'), JSON.stringify(owner));
    await open();
    const now = JSON.parse(await readFile(join(dataDir, 'database', 'owner.8'), 'utf8')) as typeof owner;
    expect(now.process.pid).toBe(process.pid);
  });
});

describe('the server is killed', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'by %s: it is back on its port with the data, and callers only wait',
    async (signal) => {
      const database = await open();
      const table = database.table(ITEM);
      for (let number = 0; number < 30; number++) {
        await table.create({ id: 'a', number, text: '' });
        if (number % 10 === 5) process.kill(servers()[0]!, signal);
      }
      const { items } = await table.query({ partition: 'a' });
      expect(items.map(({ number, version }) => [number, version])).toEqual(
        Array.from({ length: 30 }, (_, n) => [n, 1]),
      );
      expect(servers()).toHaveLength(1);
    },
    60_000,
  );

  it('together with its guardian, or the guardian alone: neither is left, another is started', async () => {
    const reports: string[] = [];
    const embedded = await start({ report: (_, message) => reports.push(message) });
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const before = embedded.serverPid!;
      for (const guardian of guardians()) process.kill(guardian, signal);
      await eventually(
        10_000,
        () => embedded.serverPid,
        (pid) => pid !== null && pid !== before,
      );
      await eventually(10_000, servers, (pids) => pids.length === 1 && pids[0] === embedded.serverPid);
    }
    expect(reports[0]).toContain('ended unexpectedly and is started again in 0 ms');
    await embedded.stop();
    await eventually(2_000, () => processesOf(dataDir), none);
  }, 240_000);

  it('because it hangs', async () => {
    const reports: string[] = [];
    const embedded = await start({
      report: (_, message) => reports.push(message),
      supervision: { probeIntervalMs: 50, probeTimeoutMs: 300, probeFailures: 2 },
    });
    const before = embedded.serverPid!;
    process.kill(before, 'SIGSTOP');
    await eventually(
      20_000,
      () => embedded.serverPid,
      (pid) => pid !== null && pid !== before,
    );
    expect(reports).toContain('the embedded database left 2 probes unanswered and is killed');
  }, 240_000);

  it('again and again: supervision gives up and every call says why', async () => {
    const marker = join(dataDir, 'broken');
    const script = join(dataDir, 'server.sh');
    await writeFile(
      script,
      `#!/bin/sh\n[ -e ${marker} ] && { echo 'disk on fire' >&2; exit 3; }\nexec ${findExecutable()} "$@"\n`,
    );
    await chmod(script, 0o700);
    const reports: string[] = [];
    const embedded = await start({
      executable: script,
      report: (level, message) => reports.push(`${level}: ${message}`),
      supervision: { restartDelaysMs: [0, 10, 20] },
    });
    await writeFile(marker, '');
    process.kill(embedded.serverPid!, 'SIGKILL');
    const error = await eventually(
      20_000,
      () => embedded.failure,
      (found) => found !== null,
    );
    expect(error!.code).toBe('STORAGE_UNAVAILABLE');
    expect(error!.message).toContain('crashed 4 times within 60 s and is not started again');
    expect(error!.message).toContain('disk on fire');
    expect(reports.at(-1)).toBe(`error: ${error!.message}`);
    expect(embedded.serverPid).toBeNull();
  }, 240_000);
});

describe('the service is killed', () => {
  it('by kill -9 while it writes: no process survives two seconds, and nothing acknowledged is lost', async () => {
    for (let round = 0; round < 3; round++) {
      const writer = service('write');
      await writer.until('written', 20 + 15 * round);
      await writer.kill();
      await eventually(2_000, () => processesOf(dataDir), none);
      const acknowledged = writer.events.filter(({ event }) => event === 'written');
      const database = await open();
      const found = new Set<number>();
      for await (const item of database.table(ITEM).queryAll({ partition: acknowledged[0]!.id! }))
        found.add(item.number);
      expect(acknowledged.filter(({ number }) => !found.has(number!))).toEqual([]);
      expect(found.size - acknowledged.length).toBeLessThanOrEqual(1);
      await database.close();
    }
  }, 240_000);

  it('by kill -9 together with all guardians: the next start ends the leftover server', async () => {
    const other = service('hold');
    await other.until('open');
    const [orphan] = servers();
    const killed = guardians();
    // Stopped first: otherwise the last of them would see the others die and do its work.
    for (const pid of [...killed, other.child.pid!]) process.kill(pid, 'SIGSTOP');
    for (const pid of [...killed, other.child.pid!]) process.kill(pid, 'SIGKILL');
    await other.exited;
    await eventually(2_000, guardians, none);
    expect(servers()).toEqual([orphan]);
    await open();
    expect(servers()).toHaveLength(1);
    expect(servers()).not.toContain(orphan);
  }, 240_000);

  it('leaves nothing when it exits without closing', async () => {
    const other = service('exit');
    expect(await other.exited).toBe(0);
    await eventually(2_000, () => processesOf(dataDir), none);
  });

  it('drains after Ctrl-C: the signal of the terminal does not reach the database', async () => {
    const other = service('drain');
    await other.until('open');
    process.kill(-other.child.pid!, 'SIGINT');
    await other.until('drained');
    expect(await other.exited).toBe(0);
    const database = await open();
    expect(await database.table(ITEM).find({ id: 'drained', number: 1 })).not.toBeNull();
  });
});

it('the guardian costs little memory', async () => {
  await start();
  const kilobytes = guardians().map((pid) => {
    // Private memory: what exists because of this process.
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].reduce((sum, match) => sum + Number(match[1]), 0);
  });
  expect(kilobytes).toHaveLength(2);
  expect(Math.max(...kilobytes)).toBeLessThan(2_048);
});
