import { BacktestParametersDto } from './dto/parameters/backtest-parameters.dto.js';
import { TemplateParametersDto } from './dto/parameters/template-parameters.dto.js';

/** Plain nested data: fields by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Shows every field of every group with its default value; `undefined` where a value must be given. */
const EXAMPLE: object = new TemplateParametersDto();

/** The group whose fields are named by somebody else: the algorithm declares them. */
export const HYPERPARAMETERS = 'algorithm.hyperparameters';

/** Groups that are null unless somebody asks for them, with the fields that they have then and their defaults. */
export const OPTIONAL_GROUPS: Readonly<Record<string, object>> = { backtest: new BacktestParametersDto() };

/** Paths of all leaf fields, dotted; of the hyperparameters, which the algorithms declare, only the group. */
export const FIELD_PATHS: readonly string[] = leafPaths(EXAMPLE);

/** Paths of the groups that hold them. */
export const GROUP_PATHS: readonly string[] = [...new Set(FIELD_PATHS.flatMap(pathsAbove))];

function pathsAbove(path: string): string[] {
  const segments = path.split('.');
  return segments.slice(1).map((_, at) => segments.slice(0, at + 1).join('.'));
}

export function joinPath(base: string, field: string): string {
  return base === '' ? field : `${base}.${field}`;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function leafPaths(group: object, base = ''): string[] {
  return Object.entries(group).flatMap(([field, own]: [string, unknown]) => {
    const path = joinPath(base, field);
    const value = OPTIONAL_GROUPS[path] ?? own;
    return isFields(value) && path !== HYPERPARAMETERS ? leafPaths(value, path) : [path];
  });
}

export interface Misfit {
  readonly path: string;
  readonly value: unknown;
  readonly kind: 'unknown-field' | 'not-an-object' | 'not-a-value';
}

/** Where nested data does not have the shape of a template: names that it does not know, groups that are no objects. */
export function findMisfits(given: unknown, example: object = EXAMPLE, base = ''): Misfit[] {
  if (!isFields(given)) return [{ path: base, value: given, kind: 'not-an-object' }];
  return Object.entries(given).flatMap(([field, value]): Misfit[] => {
    const path = joinPath(base, field);
    if (!Object.hasOwn(example, field)) return [{ path, value, kind: 'unknown-field' }];
    const group = value === null ? undefined : OPTIONAL_GROUPS[path];
    const part = group ?? (example as Fields)[field];
    if (!isFields(part) || value === undefined) return [];
    return path === HYPERPARAMETERS ? findNestedValues(value, path) : findMisfits(value, part, path);
  });
}

/** The algorithm checks its hyperparameters; that none of them is an object is checked here, since leaves are values. */
function findNestedValues(given: unknown, base: string): Misfit[] {
  if (!isFields(given)) return [{ path: base, value: given, kind: 'not-an-object' }];
  return Object.entries(given)
    .filter(([, value]) => isFields(value))
    .map(([field, value]) => ({ path: joinPath(base, field), value, kind: 'not-a-value' }));
}

/** Every leaf of nested data under its dotted path. Lists are leaves, and so is null; empty groups have none. */
export function flattenFields(group: object, base = ''): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  for (const [field, value] of Object.entries(group) as [string, unknown][]) {
    const path = joinPath(base, field);
    if (value === undefined) continue;
    if (isFields(value)) flattenFields(value, path).forEach((leaf, at) => leaves.set(at, leaf));
    else leaves.set(path, value);
  }
  return leaves;
}

/** `over` laid over `under`, field by field; neither is changed. Lists and other leaves replace whole. */
export function layFields(under: Fields, over: Fields): Fields {
  // A map, since assigning to an object would swallow a field that is called `__proto__`.
  const laid = new Map(Object.entries(under));
  for (const [field, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = laid.get(field);
    laid.set(field, isFields(value) ? layFields(isFields(below) ? below : {}, value) : value);
  }
  return Object.fromEntries(laid);
}

/** Without the fields at these dotted paths. */
export function omitFields(group: Fields, paths: readonly string[], base = ''): Fields {
  return Object.fromEntries(
    Object.entries(group)
      .filter(([field]) => !paths.includes(joinPath(base, field)))
      .map(([field, value]) => [field, isFields(value) ? omitFields(value, paths, joinPath(base, field)) : value]),
  );
}
