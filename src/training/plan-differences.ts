import { canonicalJson } from '../ml/export/canonical-json.js';

/** Where a training is not as an earlier one that it is built upon. */
export interface Difference {
  /** Of a template. */
  readonly path: string;
  readonly value: unknown;
  readonly origin: unknown;
}

/** Parts by the path of a template that sets them; equal ones are left out. */
export function compareParts(
  mine: Readonly<Record<string, unknown>>,
  its: Readonly<Record<string, unknown>>,
): Difference[] {
  return [...new Set([...Object.keys(mine), ...Object.keys(its)])].flatMap((path) => {
    const [value, origin] = [mine[path], its[path]];
    return canonicalJson(value ?? null) === canonicalJson(origin ?? null) ? [] : [{ path, value, origin }];
  });
}

export function tellDifferences(differences: readonly Difference[]): string {
  return differences.map(({ path, value, origin }) => `${path} is ${shown(value)}, there ${shown(origin)}`).join('; ');
}

const SHOWN_CHARACTERS = 120;

function shown(value: unknown): string {
  const text = canonicalJson(value ?? null);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
