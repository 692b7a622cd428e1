import { createHash } from 'node:crypto';
import { TrainyardError } from '../common/errors/index.js';

export type StartKey = Record<string, string | number>;

/**
 * A place in the results of one query, as base64url JSON. The checksum covers the query too, so that a cursor that was
 * edited, or comes from another list, is refused instead of giving a page from nowhere. It guards against mistakes; a
 * forged cursor could only name another place within the same partition.
 */
export function encodeCursor(query: unknown, key: StartKey): string {
  return Buffer.from(JSON.stringify({ key, check: checksum(query, key) })).toString('base64url');
}

export function decodeCursor(query: unknown, cursor: string): StartKey {
  try {
    const { key, check } = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as {
      key: StartKey;
      check: string;
    };
    if (check === checksum(query, key)) return key;
  } catch {
    // Not ours either; the same answer.
  }
  throw new TrainyardError(
    'CURSOR_INVALID',
    'the cursor was not made by this query: pass the cursor of the previous page unchanged, with the same filters, or none to start again',
    { cursor },
  );
}

function checksum(query: unknown, key: StartKey): string {
  return createHash('sha256')
    .update(JSON.stringify([query, key]))
    .digest('base64url')
    .slice(0, 11);
}
