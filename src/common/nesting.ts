import { TrainyardError } from './errors/index.js';

/** Far more than any request of ours has, far less than recursive code can walk. */
const MAXIMUM_NESTING = 64;

/**
 * `MALFORMED_BODY` for data that is nested deeper than that. Whatever walks requests (validation, merging, printing)
 * is recursive: without this, a megabyte of brackets overflows the stack and is answered as a bug of ours.
 */
export function assertNestingWithinLimit(data: unknown): void {
  let level: unknown[] = [data];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAXIMUM_NESTING) {
      throw new TrainyardError(
        'MALFORMED_BODY',
        `The data is nested more than ${MAXIMUM_NESTING} levels deep, which no request needs: flatten it`,
        { limit: MAXIMUM_NESTING },
      );
    }
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null
        ? Object.values(value).filter((part) => typeof part === 'object')
        : [],
    );
  }
}
