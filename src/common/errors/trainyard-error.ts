import { ERROR_CODES, type ErrorCode } from './error-codes.js';

/** What a caller can do something about: value, limit, position, alternatives. Plain JSON. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An expected failure. `message` is a sentence a person can act on. */
export class TrainyardError extends Error {
  override readonly name = 'TrainyardError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** True for an expected failure, optionally of the given code. By shape, since `instanceof` fails across realms. */
export function isTrainyardError(error: unknown, code?: ErrorCode): error is TrainyardError {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  const found = error.code;
  return typeof found === 'string' && found in ERROR_CODES && (code === undefined || found === code);
}
