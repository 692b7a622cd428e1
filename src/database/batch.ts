import { setTimeout as delay } from 'node:timers/promises';
import { TrainyardError } from '../common/errors/index.js';

const FIRST_DELAY_MS = 25;
const MAXIMUM_DELAY_MS = 2_000;
const MAXIMUM_TRIES = 12;

/** Splits by count and by bytes: the database refuses a batch for either. */
export function splitBatches<T>(
  items: readonly T[],
  count: number,
  bytes: number,
  bytesOf: (item: T) => number,
): T[][] {
  const batches: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = bytesOf(item);
    const last = batches.at(-1);
    if (last === undefined || last.length === count || size > room) {
      batches.push([item]);
      room = bytes - size;
    } else {
      last.push(item);
      room -= size;
    }
  }
  return batches;
}

/**
 * Sends until nothing is left over. `send` gives back what the database did not process, which is its way of saying
 * "slower": full jitter over a doubling delay, and tries count only while nothing at all gets through.
 */
export async function sendAll<T>(
  pending: T[],
  send: (items: T[]) => Promise<T[]>,
  pause: (ms: number) => Promise<unknown> = delay,
): Promise<void> {
  let left = pending;
  for (let fruitless = 0; left.length > 0;) {
    const before = left.length;
    left = await send(left);
    if (left.length === 0) return;
    fruitless = left.length < before ? 0 : fruitless + 1;
    if (fruitless === MAXIMUM_TRIES) {
      throw new TrainyardError(
        'STORAGE_UNAVAILABLE',
        `the database left ${left.length} of ${pending.length} items of a batch unprocessed in ${MAXIMUM_TRIES} tries: try again later, or raise its throughput`,
        { unprocessed: left.length },
      );
    }
    await pause(Math.random() * Math.min(MAXIMUM_DELAY_MS, FIRST_DELAY_MS * 2 ** fruitless));
  }
}
