import { decodeTime, encodeTime } from 'ulid';
import { TrainyardError } from '../common/errors/index.js';

const PREFIX = 'evt_';
const TIME_LENGTH = 10;
const TAIL_LENGTH = 16;
/**
 * An id is made before its event is stored, perhaps in another process with another clock: so late an event may still
 * come to stand before those that were read already.
 */
const SETTLED_MS = 30_000;
/** Ids in a cursor. With more of them in the time above, the oldest count as settled. */
const REMEMBERED = 1_000;
const ID = /^evt_[0-9A-HJKMNP-TV-Z]{26}$/;

interface Cursor {
  readonly after: string | null;
  /** Without their prefix. */
  readonly passed: readonly string[];
}

/**
 * How far somebody has read the events, which are not stored in the order of their ids: everything up to an id, and of
 * the time since then each event on its own. So a late one is neither lost nor one that was read told again.
 */
export class EventPosition {
  private constructor(
    private settled: string | null,
    private readonly passed: Set<string>,
    private newest: string | null,
  ) {}

  static beginning(): EventPosition {
    return new EventPosition(null, new Set(), null);
  }

  /** `CURSOR_INVALID` for what `toCursor` did not give. */
  static of(cursor: string): EventPosition {
    const { after, passed } = parse(cursor);
    const ids = passed.map((tail) => PREFIX + tail);
    return new EventPosition(after, new Set(ids), ids.at(-1) ?? after);
  }

  /** Events are to be read from here on; null: from the first. */
  get after(): string | null {
    return this.settled;
  }

  has(id: string): boolean {
    return this.passed.has(id) || (this.settled !== null && id <= this.settled);
  }

  /** It was told, and must not be again. */
  pass(id: string): void {
    this.passed.add(id);
    this.see(id);
  }

  /** There is such an event. */
  see(id: string): void {
    if (this.newest === null || id > this.newest) this.newest = id;
  }

  /** Forgets what is settled by now. */
  settle(): void {
    if (this.newest === null) return;
    const ids = [...this.passed].sort();
    const kept = ids.slice(-REMEMBERED);
    const settledAt = Math.max(0, decodeTime(this.newest.slice(PREFIX.length)) - SETTLED_MS);
    const byTime = PREFIX + encodeTime(settledAt, TIME_LENGTH) + '0'.repeat(TAIL_LENGTH);
    const byNumber = ids.at(-kept.length - 1) ?? byTime;
    const settled = byTime > byNumber ? byTime : byNumber;
    if (this.settled === null || settled > this.settled) this.settled = settled;
    for (const id of ids) if (id <= this.settled) this.passed.delete(id);
  }

  toCursor(): string {
    const passed = [...this.passed].sort().map((id) => id.slice(PREFIX.length));
    return Buffer.from(JSON.stringify({ after: this.settled, passed } satisfies Cursor)).toString('base64url');
  }
}

function parse(cursor: string): Cursor {
  try {
    const { after, passed } = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Cursor;
    const isAfter = after === null || (typeof after === 'string' && ID.test(after));
    const isPassed = passed.length <= REMEMBERED && passed.every((tail) => ID.test(`${PREFIX}${tail}`));
    if (isAfter && isPassed) return { after, passed: [...passed].sort() };
  } catch {
    // Said below.
  }
  throw new TrainyardError('CURSOR_INVALID', 'The cursor is not one that this feed gave: subscribe without it', {});
}
