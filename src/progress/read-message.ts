import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { assertNotTooDeep, listFieldErrors, validationFailed } from '../common/http/index.js';

/** Checks what a client sent against its DTO class, as the validation pipe does for HTTP: `VALIDATION_FAILED`. */
export function readMessage<Dto extends object>(type: new () => Dto, payload: unknown): Dto {
  // By tag, since a message may also be binary.
  if (Object.prototype.toString.call(payload) !== '[object Object]') {
    throw validationFailed([{ path: '', value: null, message: 'the message must be an object' }]);
  }
  assertNotTooDeep(payload);
  const message = plainToInstance(type, payload);
  const errors = validateSync(message, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  if (errors.length > 0) throw validationFailed(listFieldErrors(errors));
  return message;
}
