import { HttpException } from '@nestjs/common';
import { TrainyardError, type ErrorCode } from '../errors/index.js';

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'MALFORMED_BODY',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** Expected failures of the HTTP framework in our terms; null for a bug. */
export function translateFrameworkError(error: unknown): TrainyardError | null {
  if (!(error instanceof HttpException)) return null;
  // NestJS wraps what Express' body parsers throw; the facts are in the cause.
  const cause = (error.cause ?? {}) as { type?: string; limit?: number; length?: number };
  if (cause.type === 'entity.too.large') {
    const { limit, length } = cause;
    const message = `The body has ${length ?? 'more'} bytes; the limit is ${limit}`;
    return new TrainyardError('BODY_TOO_LARGE', message, { limit, length });
  }
  const code = CODE_BY_STATUS[error.getStatus()];
  return code === undefined ? null : new TrainyardError(code, error.message);
}
