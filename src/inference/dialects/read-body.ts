import { assertNestingWithinLimit } from '../../common/nesting.js';
import { TrainyardError } from '../../common/errors/index.js';
import { validationFailed } from '../../common/http/index.js';

/** A body as text; MALFORMED_BODY where it is not UTF-8. */
export function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw malformed('The body is not UTF-8');
  }
}

/** `where` names the text in messages: `The body`, `Line 3`. */
export function parseJson(text: string, where = 'The body'): unknown {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw malformed(`${where} is not JSON: ${(error as Error).message}`);
  }
  assertNestingWithinLimit(data);
  return data;
}

/** An object that has none but the fields `known`. */
export function objectAt(value: unknown, path: string, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(path, value, `${path} must be an object`);
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw wrong(`${path}.${unknown}`, (value as Record<string, unknown>)[unknown], `is not among ${known.join(', ')}`);
  }
  return value as Record<string, unknown>;
}

export function arrayAt(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(path, value, 'must be an array');
  return value;
}

/** Numbers; null, "NaN" and "nan" where one is missing, since JSON has no NaN. */
export function numbersAt(value: unknown, path: string): (number | null)[] {
  return arrayAt(value, path).map((item, at) => {
    if (typeof item === 'number' && Number.isFinite(item)) return item;
    if (item === null || item === 'NaN' || item === 'nan') return null;
    throw wrong(`${path}[${at}]`, item, 'must be a finite number, null or "NaN"');
  });
}

export function textsAt(value: unknown, path: string): string[] {
  return arrayAt(value, path).map((item, at) => {
    if (typeof item === 'string') return item;
    throw wrong(`${path}[${at}]`, item, 'must be a text');
  });
}

export function malformed(message: string, details: Record<string, unknown> = {}): TrainyardError {
  return new TrainyardError('MALFORMED_BODY', message, details);
}

/** VALIDATION_FAILED for one field. */
export function wrong(path: string, value: unknown, message: string): TrainyardError {
  return validationFailed([{ path, value, message }]);
}
