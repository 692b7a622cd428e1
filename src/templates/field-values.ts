import { MAXIMUM_CHAIN } from '../ml/transforms/resolve-chain.js';

/** The highest value of TRAINYARD_LIMIT_ASSETS. */
export const MAXIMUM_NAMES = 100_000;

const DATE_OR_ZONED_TIME = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * A date (midnight UTC) or a time that states its zone. A time without one would mean something else on each machine.
 * The day is checked against the month, since `Date` turns 30 February into 1 March.
 */
export function isUtcTime(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const match = DATE_OR_ZONED_TIME.exec(value);
  if (match === null || Number.isNaN(Date.parse(value))) return false;
  const daysInMonth = new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate();
  return Number(match[3]) >= 1 && Number(match[3]) <= daysInMonth;
}

/** Different, non-empty texts; at least one, at most as many as an installation can have assets. */
export function isNameList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAXIMUM_NAMES &&
    value.every((name) => typeof name === 'string' && name !== '') &&
    new Set(value).size === value.length
  );
}

/** A name, or a short list of names and of `{transform, parameters}`. */
export function isTransformChain(value: unknown): boolean {
  if (!Array.isArray(value)) return isName(value);
  return value.length > 0 && value.length <= MAXIMUM_CHAIN && value.every((one) => isName(one) || isNamedStep(one));
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isNamedStep(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { transform, parameters = {}, ...others } = value as Record<string, unknown>;
  const isPlain = typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters);
  return isName(transform) && isPlain && Object.keys(others).length === 0;
}
