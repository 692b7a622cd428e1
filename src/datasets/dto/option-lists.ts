import { Transform } from 'class-transformer';
import { registerDecorator, type ValidationArguments } from 'class-validator';

/** Options come as text, in a query or a form: `a,b`, repeated, or a JSON array where names contain commas. */
export function TextList(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => readTextList(value));
}

/** `true` and `false` as text. Anything else is left for the validator to refuse. */
export function TextBoolean(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));
}

/** A JSON object as text. Anything else is left for the validator to refuse. */
export function TextMap(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => readJson(value) ?? value);
}

/** An object whose values are texts. */
export function IsTextMap(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'isTextMap',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: (value: unknown) =>
          typeof value === 'object' &&
          value !== null &&
          !Array.isArray(value) &&
          Object.values(value).every((text) => typeof text === 'string' && text.length <= 500),
        defaultMessage: ({ property }: ValidationArguments) =>
          `${property} must be a JSON object from asset to text of at most 500 characters, such as {"EURUSD":"FX"}`,
      },
    });
}

function readTextList(value: unknown): unknown {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return value;
  const json = value.trimStart().startsWith('[') ? readJson(value) : undefined;
  if (json !== undefined) return json;
  return value.split(',').map((name) => name.trim());
}

function readJson(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}
