import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { listFieldErrors, validationFailed, type FieldError } from '../common/http/index.js';
import { TemplateParametersDto } from './dto/parameters/template-parameters.dto.js';
import {
  findMisfits,
  isFields,
  layFields,
  omitFields,
  OPTIONAL_GROUPS,
  type Fields,
  type Misfit,
} from './parameter-fields.js';

/**
 * Fills in the defaults and checks every field by its own declaration; `VALIDATION_FAILED` lists all that do not fit,
 * with path, value and message. What fields ask of each other is in `field-agreement.ts`.
 */
export function completeFields(given: unknown): Fields {
  const misfits = findMisfits(given);
  const errors: FieldError[] = misfits.map((misfit) => describeMisfit(misfit, 'parameters'));
  if (misfits.some(({ path }) => path === '')) throw validationFailed(errors);
  // The rest is checked without the misfits, so that one answer names everything.
  const fitting = omitFields(
    given as Fields,
    misfits.map(({ path }) => path),
  );
  const instance = plainToInstance(TemplateParametersDto, layFields(DEFAULTS, fitting));
  errors.push(...listFieldErrors(validateSync(instance, { stopAtFirstError: true, forbidUnknownValues: true })));
  if (errors.length > 0) throw validationFailed(errors);
  return withOptionalGroups(layFields(DEFAULTS, fitting));
}

/** Groups that somebody asked for, with the defaults of what was not said. */
function withOptionalGroups(fields: Fields): Fields {
  const asked = Object.entries(OPTIONAL_GROUPS).filter(([path]) => isFields(fields[path]));
  return asked.reduce(
    (all, [path, group]) => ({ ...all, [path]: layFields({ ...group }, fields[path] as Fields) }),
    fields,
  );
}

/** All defaults as plain data; fields that must be given are left out. */
export const DEFAULTS: Fields = JSON.parse(JSON.stringify(new TemplateParametersDto())) as Fields;

const MISFIT_MESSAGES: Readonly<Record<Misfit['kind'], string>> = {
  'unknown-field': 'there is no such field',
  'not-an-object': 'must be an object of fields',
  'not-a-value': 'must be a number, true or false, a text or a list of numbers',
};

/** `root` is what the whole is called where it is no object itself. */
export function describeMisfit({ path, value, kind }: Misfit, root: string): FieldError {
  return { path: path === '' ? root : path, value, message: MISFIT_MESSAGES[kind] };
}
