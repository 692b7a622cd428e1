import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
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
  private descriptor: number | null = null;
  /** Bytes of whole lines. */
  private length = 0;
  private gathered: string[] = [];
  private next: Promise<void> | null = null;

  constructor(private readonly file: string) {}

  /** Lines that come in one turn of the event loop go out together. */
  append(line: string): Promise<void> {
    this.gathered.push(line);
    this.next ??= nextTurn().then(() => this.writeGathered());
    return this.next;
  }

  /** After the lines that were given before. */
  async remove(): Promise<void> {
    await this.next?.catch(() => undefined);
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
    await rm(this.file, { force: true });
  }

  /**
   * Synchronous: handing a few kilobytes to the operating system takes some ten microseconds, handing them to another
   * thread and hearing of it twenty times as long.
   */
  private writeGathered(): void {
    const lines = this.gathered;
    this.gathered = [];
    this.next = null;
    if (this.descriptor === null) {
      this.descriptor = openSync(this.file, 'a', 0o600);
      lines.unshift(HEADER);
    }
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.descriptor, bytes, written);
    } catch (error) {
      // A line cut off may only be the last one. Nobody was told that it is safe.
      ftruncateSync(this.descriptor, this.length);
      throw error;
    }
    this.length += bytes.length;
  }
}
