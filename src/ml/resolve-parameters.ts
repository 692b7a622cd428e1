import { assertNever } from '../common/assert-never.js';
import { TrainyardError, type ErrorDetails } from '../common/errors/index.js';
import type { ParameterDeclaration, ParameterSpace, ParameterValue, ValuesOf } from './parameters.js';

type Given = Readonly<Record<string, unknown>>;

/**
 * Fills in the defaults of a space and checks every given value against its declaration.
 * `path` is where the values stand in the request (`algorithm.hyperparameters`) and begins every message. Unknown names
 * are refused, since a misspelt parameter would otherwise train with the default. `undefined` counts as not given.
 * Resolving is idempotent: what it returns resolves to itself.
 */
export function resolveParameters<Space extends ParameterSpace>(
  space: Space,
  given: Given,
  path: string,
): ValuesOf<Space> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(space, name));
  if (unknown !== undefined) {
    const known = Object.keys(space);
    const remedy = known.length === 0 ? 'it takes no parameters' : `use one of ${known.join(', ')}`;
    throw new TrainyardError('PARAMETER_INVALID', `${path}.${unknown} is not a parameter; ${remedy}`, {
      path: `${path}.${unknown}`,
      value: given[unknown],
      known,
    });
  }
  const resolved = Object.entries(space).map(([name, declaration]): [string, ParameterValue] => [
    name,
    resolveOne(declaration, Object.hasOwn(given, name) ? given[name] : undefined, `${path}.${name}`),
  ]);
  return Object.fromEntries(resolved) as ValuesOf<Space>;
}

function resolveOne(declaration: ParameterDeclaration, value: unknown, path: string): ParameterValue {
  if (value === undefined) return declaration.default;
  switch (declaration.kind) {
    case 'integer':
    case 'number':
      if (isNumberIn(declaration, declaration.kind === 'integer', value)) return value;
      throw invalid(path, value, `must be ${declaration.kind === 'integer' ? 'an integer' : 'a number'} in`, {
        minimum: declaration.minimum,
        maximum: declaration.maximum,
      });
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw invalid(path, value, 'must be true or false', {});
    case 'choice':
      if (typeof value === 'string' && declaration.values.includes(value)) return value;
      throw invalid(path, value, `must be one of ${declaration.values.join(', ')}`, { values: declaration.values });
    case 'text':
      if (typeof value === 'string' && new RegExp(declaration.pattern, 'u').test(value)) return value;
      throw invalid(path, value, `must be a text that matches ${declaration.pattern}`, {
        pattern: declaration.pattern,
      });
    case 'integers':
    case 'numbers':
      return resolveList(declaration, value, path);
    default:
      return assertNever(declaration);
  }
}

function resolveList(
  declaration: Extract<ParameterDeclaration, { kind: 'integers' | 'numbers' }>,
  value: unknown,
  path: string,
): readonly number[] {
  const { minimum, maximum, minimumLength, maximumLength } = declaration;
  if (!Array.isArray(value) || value.length < minimumLength || value.length > maximumLength) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${path} must be a list of ${minimumLength} to ${maximumLength} numbers, not ${describe(value)}`,
      { path, value, minimumLength, maximumLength },
    );
  }
  const integer = declaration.kind === 'integers';
  return value.map((element: unknown, at): number => {
    if (isNumberIn(declaration, integer, element)) return element;
    throw invalid(`${path}[${at}]`, element, `must be ${integer ? 'an integer' : 'a number'} in`, { minimum, maximum });
  });
}

function isNumberIn(limits: { minimum: number; maximum: number }, integer: boolean, value: unknown): value is number {
  return (
    typeof value === 'number' &&
    value >= limits.minimum &&
    value <= limits.maximum &&
    (!integer || Number.isInteger(value))
  );
}

function invalid(path: string, value: unknown, rule: string, limits: ErrorDetails): TrainyardError {
  const range = 'minimum' in limits ? ` ${String(limits.minimum)}…${String(limits.maximum)}` : '';
  return new TrainyardError('PARAMETER_INVALID', `${path} ${rule}${range}, not ${describe(value)}`, {
    path,
    value,
    ...limits,
  });
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
