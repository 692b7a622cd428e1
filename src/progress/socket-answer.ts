import type { Logger } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';

export interface AnswerError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export type Answer<Facts extends object> =
  ({ readonly ok: true } & Facts) | { readonly ok: false; readonly error: AnswerError };

/** Whatever a client sends is answered. */
export async function answer<Facts extends object>(logger: Logger, work: () => Promise<Facts>): Promise<Answer<Facts>> {
  try {
    return { ok: true, ...(await work()) };
  } catch (error) {
    return { ok: false, error: describeError(logger, error) };
  }
}

/** What a client is told of an error: nothing of one that is a bug. */
export function describeError(logger: Logger, error: unknown): AnswerError {
  if (isTrainyardError(error)) return { code: error.code, message: error.message, details: error.details };
  logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return { code: 'INTERNAL', message: 'An internal error occurred; the log has it', details: {} };
}
