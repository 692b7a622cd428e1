import { TrainyardError } from '#src/common/errors/index.js';
import { isConditionFailure, storageError, wasRetried } from '#src/database/storage-error.js';

const failing = (fields: object, message = 'broken'): Error => Object.assign(new Error(message), fields);

describe('storageError', () => {
  it.each([
    ['a refused connection', { code: 'ECONNREFUSED' }],
    ['a lost connection', { code: 'ECONNRESET' }],
    ['a timeout', { name: 'TimeoutError' }],
    ['an aborted health check', { name: 'AbortError' }],
    ['throttling', { name: 'ProvisionedThroughputExceededException', $metadata: { httpStatusCode: 400 } }],
    ['a server error', { name: 'Whatever', $metadata: { httpStatusCode: 503, attempts: 5 } }],
    ['missing credentials', { name: 'CredentialsProviderError' }],
  ])('%s is STORAGE_UNAVAILABLE with the address and the remedy', (_, fields) => {
    const cause = failing(fields);
    const error = storageError(cause, 'http://127.0.0.1:8000') as TrainyardError;
    expect(error.code).toBe('STORAGE_UNAVAILABLE');
    expect(error.message).toBe(
      `the database at http://127.0.0.1:8000 does not answer (${cause.name}: broken): check that it runs, then try again`,
    );
    expect(error.cause).toBe(cause);
  });

  it.each([
    ['a bug', failing({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } })],
    ['a missing table', failing({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 400 } })],
    ['an error of ours', new TrainyardError('CONFLICT', 'changed')],
  ])('%s stays what it is', (_, error) => {
    expect(storageError(error, 'x')).toBe(error);
  });

  it('knows failed conditions and retried requests', () => {
    expect(isConditionFailure(failing({ name: 'ConditionalCheckFailedException' }))).toBe(true);
    expect(isConditionFailure(failing({ name: 'ValidationException' }))).toBe(false);
    expect(wasRetried(failing({ $metadata: { attempts: 2 } }))).toBe(true);
    expect(wasRetried(failing({ $metadata: { attempts: 1 } }))).toBe(false);
  });
});
