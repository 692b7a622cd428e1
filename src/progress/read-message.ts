import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { listFieldErrors, validationFailed } from '../common/http/index.js';
import { assertNestingWithinLimit } from '../common/nesting.js';

/** Checks what a client sent against its DTO class, as bodies are over HTTP: `VALIDATION_FAILED`, `MALFORMED_BODY`. */
export function readMessage<Dto extends object>(type: new () => Dto, payload: unknown): Dto {
  // By tag, since a message may also be binary.
  if (Object.prototype.toString.call(payload) !== '[object Object]') {
    throw validationFailed([{ path: '', value: null, message: 'the message must be an object' }]);
  }
  assertNestingWithinLimit(payload);
  const message = plainToInstance(type, payload);
  const errors = validateSync(message, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  if (errors.length > 0) throw validationFailed(listFieldErrors(errors));
  return message;
}
