import { monotonicFactory } from 'ulid';

export type IdPrefix = 'dst' | 'tpl' | 'exe' | 'prd' | 'req' | 'gen' | 'own' | 'act' | 'evt' | 'whk' | 'mon' | 'bfc';

const ulid = monotonicFactory();

/** A new identifier such as `exe_01KAJ…`: sortable by creation time, unique across processes. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${ulid()}`;
}
