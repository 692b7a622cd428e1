import { randomUUID } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrainyardError } from '../../common/errors/index.js';
import { identify, isAlive, signal, type ProcessIdentity } from '../../common/process-identity.js';

interface Owner {
  readonly process: ProcessIdentity;
  readonly released: boolean;
}

const OWNER_FILE = /^owner\.(\d+)$/;
const MAXIMUM_TRIES = 100;

/**
 * The directory of the embedded database: only for its user (mode 0700) and for one service at a time, since two
 * servers would open the same file.
 *
 * Ownership is the file `owner.<n>` with the highest n. Taking over from a dead owner means linking `owner.<n+1>`,
 * which succeeds for exactly one of several claimants; numbers never go back, so a slow claimant cannot slip in with
 * an old one. The highest file stays behind, marked as released, after a clean stop.
 */
export class DataDirectory {
  private constructor(
    readonly path: string,
    private readonly ownerFile: string,
  ) {}

  static claim(path: string): DataDirectory {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      // mkdir leaves an existing directory as it is.
      chmodSync(path, 0o700);
    } catch (cause) {
      throw new TrainyardError(
        'DATABASE_START_FAILED',
        `the data directory ${path} cannot be created or made private (${(cause as Error).message}): ` +
          'set TRAINYARD_DATA_DIR to a directory that belongs to this user',
        { path },
        { cause },
      );
    }
    const directory = new DataDirectory(path, takeOwnership(path));
    directory.endLeftover();
    return directory;
  }

  get databaseFile(): string {
    return join(this.path, 'data.db');
  }

  /** Remembers the server, so that the next owner can end one that outlived its service. */
  recordServer(server: ProcessIdentity): void {
    replace(join(this.path, 'server.json'), JSON.stringify(server));
  }

  release(): void {
    rmSync(join(this.path, 'server.json'), { force: true });
    replace(this.ownerFile, JSON.stringify({ process: identify(process.pid), released: true } satisfies Owner));
  }

  private endLeftover(): void {
    const server = readJson<ProcessIdentity>(join(this.path, 'server.json'));
    if (server !== null) signal(server, 'SIGKILL');
  }
}

function takeOwnership(path: string): string {
  const own: Owner = { process: identify(process.pid), released: false };
  const draft = join(path, `claim.${randomUUID()}`);
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let tries = 0; tries < MAXIMUM_TRIES; tries++) {
      const highest = highestOwner(path);
      if (highest > 0) {
        const owner = readJson<Partial<Owner>>(join(path, `owner.${highest}`));
        if (owner?.process !== undefined && owner.released !== true && isAlive(owner.process)) {
          throw busy(path, owner.process.pid);
        }
      }
      const file = join(path, `owner.${highest + 1}`);
      if (!tryLink(draft, file)) continue;
      if (highestOwner(path) !== highest + 1) {
        rmSync(file, { force: true });
        continue;
      }
      removeOlder(path, highest + 1);
      return file;
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new TrainyardError(
    'DATABASE_START_FAILED',
    `the data directory ${path} could not be claimed, too many starts at once`,
  );
}

function busy(path: string, pid: number): TrainyardError {
  return new TrainyardError(
    'DATABASE_START_FAILED',
    `the data directory ${path} is used by process ${pid}: stop it, or set TRAINYARD_DATA_DIR to another directory`,
    { path, pid },
  );
}

function highestOwner(path: string): number {
  return Math.max(0, ...readdirSync(path).map((name) => Number(OWNER_FILE.exec(name)?.[1] ?? 0)));
}

function removeOlder(path: string, current: number): void {
  for (const name of readdirSync(path)) {
    const number = Number(OWNER_FILE.exec(name)?.[1] ?? Infinity);
    if (number < current) rmSync(join(path, name), { force: true });
  }
}

function tryLink(existing: string, file: string): boolean {
  try {
    linkSync(existing, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function replace(file: string, text: string): void {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}
