import { encodeError, type ErrorCode, type ErrorDetails } from '#src/common/errors/index.js';

/** What an action fails with: code, sentence and details; an error when it does not fail. */
export function failureOf(action: () => unknown): { code: ErrorCode | null; message: string; details: ErrorDetails } {
  try {
    action();
  } catch (error) {
    const { code, message, details } = encodeError(error);
    return { code, message, details };
  }
  throw new Error('expected a failure, but it succeeded');
}
