import { TrainyardError, isTrainyardError, type ErrorDetails } from './trainyard-error.js';
import type { ErrorCode } from './error-codes.js';

/** An error as plain data: posting an Error between threads keeps its message and loses its code. */
export interface EncodedError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly stack: string | null;
}

export function encodeError(error: unknown): EncodedError {
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  if (isTrainyardError(error)) return { code: error.code, message: error.message, details: error.details, stack };
  return { code: null, message: error instanceof Error ? error.message : String(error), details: {}, stack };
}

/** The inverse of `encodeError`: an expected failure keeps its code, a bug stays a plain error with its far stack. */
export function decodeError(encoded: EncodedError): Error {
  if (encoded.code !== null) return new TrainyardError(encoded.code, encoded.message, encoded.details);
  const error = new Error(encoded.message);
  if (encoded.stack !== null) error.stack = encoded.stack;
  return error;
}
