import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, readFile, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../common/process-identity.js';

const SUFFIX = '.jsonl';

interface Header {
  readonly process: ProcessIdentity;
}

const HEADER = JSON.stringify({ process: identify(process.pid) } satisfies Header);

/**
 * Lines on disk of what the database does not have yet. A line that `append` has resolved for survives the end of the
 * process, however it ends; the end of the host it survives once the operating system has written it, which it does by
 * itself within seconds.
 */
export class PredictionJournal {
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  newSegment(): JournalSegment {
    return new JournalSegment(join(this.directory, `${randomUUID()}${SUFFIX}`));
  }

  /** Segments of processes that have ended, with their lines. The last line of each may have been cut off: it is left out. */
  async *leftovers(): AsyncIterable<{ readonly lines: readonly string[]; remove(): Promise<void> }> {
    for (const name of (await readdir(this.directory)).filter((one) => one.endsWith(SUFFIX)).sort()) {
      const file = join(this.directory, name);
      const [head = '', ...lines] = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
      // Without a whole header nothing was acknowledged, and the process may be about to write it.
      if (head === '' || isAlive((JSON.parse(head) as Header).process)) continue;
      yield { lines, remove: () => rm(file, { force: true }) };
    }
  }
}

/** One file of the journal: it is written to, its lines are stored, and it is removed. */
export class JournalSegment {
  private handle: FileHandle | null = null;
  private gathered: string[] = [];
  private next: Promise<void> | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly file: string) {}

  /** Lines that come while others are being written go out together. */
  append(line: string): Promise<void> {
    this.gathered.push(line);
    if (this.next === null) {
      const write = (): Promise<void> => this.writeGathered();
      // After a write that failed the later ones are tried all the same: each caller hears of its own.
      this.next = this.writing.then(write, write);
      this.writing = this.next;
    }
    return this.next;
  }

  /** After the lines that were given before. */
  async remove(): Promise<void> {
    await this.writing.catch(() => undefined);
    await this.handle?.close();
    this.handle = null;
    await rm(this.file, { force: true });
  }

  private async writeGathered(): Promise<void> {
    const lines = this.gathered;
    this.gathered = [];
    this.next = null;
    if (this.handle === null) {
      this.handle = await open(this.file, 'a', 0o600);
      lines.unshift(HEADER);
    }
    await this.handle.appendFile(`${lines.join('\n')}\n`);
  }
}
