import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectory } from '#src/database/embedded/data-directory.js';
import { identify, isAlive, signal } from '#src/common/process-identity.js';

let path: string;
beforeEach(() => (path = mkdtempSync(join(tmpdir(), 'trainyard-directory-'))));
afterEach(() => rmSync(path, { recursive: true, force: true }));

const deadPid = (): number => spawnSync('/bin/true').pid;
const own = (number: number, owner: object): void =>
  writeFileSync(join(path, `owner.${number}`), JSON.stringify(owner));

describe('process identity', () => {
  it('is alive for us, and not for a process that ended', () => {
    expect(isAlive(identify(process.pid))).toBe(true);
    expect(isAlive(identify(deadPid()))).toBe(false);
  });

  it('is not alive when the number belongs to a process with another start', () => {
    expect(isAlive({ pid: process.pid, startedAt: 'other-boot:1' })).toBe(false);
  });

  it('signals the process it names, and nobody who has its number now', async () => {
    const child = spawn('sleep', ['60']);
    const exited = new Promise((resolve) => child.once('exit', (_, name) => resolve(name)));
    signal({ pid: child.pid!, startedAt: 'other-boot:1' }, 'SIGKILL');
    expect(isAlive(identify(child.pid!))).toBe(true);
    signal(identify(child.pid!), 'SIGKILL');
    expect(await exited).toBe('SIGKILL');
  });
});

describe('DataDirectory', () => {
  it('is free again after release, the number counts on', () => {
    DataDirectory.claim(path).release();
    DataDirectory.claim(path).release();
    expect(readdirSync(path)).toEqual(['owner.2']);
    expect(JSON.parse(readFileSync(join(path, 'owner.2'), 'utf8'))).toMatchObject({ released: true });
  });

  it('is refused while its owner lives, with the number of the process', () => {
    const owner = DataDirectory.claim(path);
    expect(() => DataDirectory.claim(path)).toThrow(
      `the data directory ${path} is used by process ${process.pid}: stop it, or set TRAINYARD_DATA_DIR to another directory`,
    );
    owner.release();
    expect(() => DataDirectory.claim(path)).not.toThrow();
  });

  it.each([
    ['a dead owner', () => ({ process: { pid: deadPid(), startedAt: 'this-boot:1' }, released: false })],
    [
      'an owner without a start time that is dead',
      () => ({ process: { pid: deadPid(), startedAt: null }, released: false }),
    ],
    ['a file that was never finished', () => 'nonsense'],
  ])('is taken over from %s', (_, owner) => {
    own(3, owner() as object);
    DataDirectory.claim(path);
    expect(readdirSync(path)).toEqual(['owner.4']);
  });

  it('obeys the highest number only', () => {
    own(2, { process: identify(process.pid), released: false });
    own(10, { process: identify(process.pid), released: true });
    DataDirectory.claim(path);
    expect(readdirSync(path)).toEqual(['owner.11']);
  });

  it('ends a server that outlived its service, and only that one', async () => {
    const child = spawn('sleep', ['60']);
    const exited = new Promise((resolve) => child.once('exit', (_, name) => resolve(name)));
    writeFileSync(join(path, 'server.json'), JSON.stringify({ ...identify(child.pid!), startedAt: 'other-boot:1' }));
    DataDirectory.claim(path).release();
    expect(isAlive(identify(child.pid!))).toBe(true);
    writeFileSync(join(path, 'server.json'), JSON.stringify(identify(child.pid!)));
    DataDirectory.claim(path).release();
    expect(await exited).toBe('SIGKILL');
    expect(existsSync(join(path, 'server.json'))).toBe(false);
  });

  it('says what to do when it cannot be made', () => {
    writeFileSync(join(path, 'file'), '');
    expect(() => DataDirectory.claim(join(path, 'file', 'below'))).toThrow(
      /^the data directory .*\/file\/below cannot be created or made private \(ENOTDIR.*set TRAINYARD_DATA_DIR/,
    );
  });
});
