import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { TrainyardError } from '../errors/index.js';

/** One field that does not fit, as `details.errors` of `VALIDATION_FAILED` lists them. */
export interface FieldError {
  /** Dotted, from the root of the body: `windows.horizon`. */
  readonly path: string;
  readonly value: unknown;
  readonly message: string;
}

/**
 * A DTO class that recognises bodies which fit as they are. These are taken without the copy and the checks of each
 * element, which cost more than a forecast; everything else goes the usual way, which says what is wrong.
 */
export interface RecognisingDto {
  fits(body: unknown): boolean;
}

class RecognisingValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const type = metadata.metatype as (Partial<RecognisingDto> & (new () => object)) | undefined;
    if (type?.fits?.(value) === true) return Promise.resolve(Object.assign(new type(), value));
    return super.transform(value, metadata);
  }
}

/** Unknown fields are refused; values are converted only where the DTO says so. */
export function createValidationPipe(): ValidationPipe {
  return new RecognisingValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    exceptionFactory: (errors: ValidationError[]): TrainyardError => validationFailed(listFieldErrors(errors)),
  });
}

export function validationFailed(errors: readonly FieldError[]): TrainyardError {
  const shown = errors.slice(0, 3).map(({ path, message }) => `${path}: ${message}`);
  const more = errors.length > shown.length ? `; and ${errors.length - shown.length} more` : '';
  return new TrainyardError('VALIDATION_FAILED', `${shown.join('; ')}${more}`, { errors });
}

/** Flattens class-validator's tree; `base` is put before each path. */
export function listFieldErrors(errors: readonly ValidationError[], base = ''): FieldError[] {
  return errors.flatMap((error) => {
    const path = base === '' ? error.property : `${base}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((message) => ({
      path,
      value: plainValue(error.value),
      message: message.replace(/^property (\S+) should not exist$/, 'there is no such field'),
    }));
    return [...own, ...listFieldErrors(error.children ?? [], path)];
  });
}

/** JSON has no NaN or Infinity, and an error should show them. */
function plainValue(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
