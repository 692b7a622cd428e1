import { ValidateBy, buildMessage } from 'class-validator';

const MOST = 50;
const NAME_LENGTH = 128;
const VALUE_LENGTH = 256;

/** An object of a few short texts. */
export function IsTags(): PropertyDecorator {
  return ValidateBy({
    name: 'isTags',
    validator: {
      validate: isTags,
      defaultMessage: buildMessage(
        () =>
          `$property must be up to ${MOST} texts of up to ${VALUE_LENGTH} characters, by names of 1 to ${NAME_LENGTH}`,
      ),
    },
  });
}

function isTags(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MOST &&
    entries.every(
      ([name, text]) =>
        name.length > 0 && name.length <= NAME_LENGTH && typeof text === 'string' && text.length <= VALUE_LENGTH,
    )
  );
}
