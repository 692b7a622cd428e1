import { TrainyardError, isTrainyardError } from '../common/errors/index.js';

interface ServiceError extends Error {
  readonly code?: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $retryable?: unknown;
}

/** No answer, or none in time. The SDK has retried these before they arrive here. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const UNAVAILABLE_NAMES = new Set([
  'AbortError',
  'TimeoutError',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
  'CredentialsProviderError',
]);

export function isConditionFailure(error: unknown): boolean {
  return (error as ServiceError).name === 'ConditionalCheckFailedException';
}

/** A conditional write that the SDK sent more than once may have failed against its own first attempt. */
export function wasRetried(error: unknown): boolean {
  return ((error as ServiceError).$metadata?.attempts ?? 1) > 1;
}

/** What the database's failure means to a caller: `STORAGE_UNAVAILABLE` with the remedy, or the error as it is. */
export function storageError(error: unknown, where: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (isTrainyardError(error)) return error;
  const failure = error as ServiceError;
  const status = failure.$metadata?.httpStatusCode ?? 0;
  if (CONNECTION_CODES.has(failure.code ?? '') || UNAVAILABLE_NAMES.has(failure.name) || status >= 500) {
    return new TrainyardError(
      'STORAGE_UNAVAILABLE',
      `the database at ${where} does not answer (${failure.name}: ${failure.message}): check that it runs, then try again`,
      { endpoint: where, attempts: failure.$metadata?.attempts ?? 1 },
      { cause: error },
    );
  }
  return error;
}
