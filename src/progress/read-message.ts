import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { listFieldErrors, validationFailed } from '../common/http/index.js';

/** Checks what a client sent against its DTO class, as the validation pipe does for HTTP: `VALIDATION_FAILED`. */
export function readMessage<Dto extends object>(type: new () => Dto, payload: unknown): Dto {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw validationFailed([{ path: '', value: payload, message: 'the message must be an object' }]);
  }
  const message = plainToInstance(type, payload);
  const errors = validateSync(message, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  if (errors.length > 0) throw validationFailed(listFieldErrors(errors));
  return message;
}
