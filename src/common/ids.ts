import { randomFillSync } from 'node:crypto';
import { monotonicFactory } from 'ulid';

export type IdPrefix =
  'dst' | 'tpl' | 'exe' | 'prd' | 'req' | 'gen' | 'own' | 'act' | 'evt' | 'whk' | 'mon' | 'bfc' | 'sub';

/** A call of the system's generator costs as much as hundreds of its bytes, and an id takes sixteen. */
const pool = new Uint8Array(4_096);
let used = pool.length;

function random(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++]! / 256;
}

const ulid = monotonicFactory(random);

/** A new identifier such as `exe_01KAJ…`: sortable by creation time, unique across processes. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${ulid()}`;
}
