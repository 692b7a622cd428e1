import { flattenFields } from './parameter-fields.js';

/** One field in which two versions differ. */
export interface FieldDifference {
  /** Dotted: `windows.horizon`, or `name` and `description` of the template itself. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Undefined for a field that was added. */
  readonly from?: unknown;
  /** Undefined for a field that was removed. */
  readonly to?: unknown;
}

/**
 * Field by field, in order of their paths; lists are compared as a whole. Fields come and go with the algorithm, whose
 * hyperparameters they are.
 */
export function diffFields(from: object, to: object): FieldDifference[] {
  const before = flattenFields(from);
  const after = flattenFields(to);
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path): FieldDifference[] => {
    if (!before.has(path)) return [{ path, change: 'added', to: after.get(path) }];
    if (!after.has(path)) return [{ path, change: 'removed', from: before.get(path) }];
    if (sameLeaf(before.get(path), after.get(path))) return [];
    return [{ path, change: 'changed', from: before.get(path), to: after.get(path) }];
  });
}

/** Leaves are JSON scalars or lists of them, so equal text is equal value. */
function sameLeaf(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
