import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsNumber, IsObject, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { stepDurationMs } from '../../../ml/calendar/step-duration.js';
import { MAXIMUM_CHAIN } from '../../../ml/transforms/resolve-chain.js';
import { isNameList, isTransformChain, isUtcTime, MAXIMUM_NAMES } from '../../field-values.js';

const MAXIMUM_COVERAGES = 10;

/**
 * May be left out, never null. `@IsOptional()` allows both, so it marks the fields where null has a meaning of its
 * own.
 */
export const Omissible = () => ValidateIf((_object, value) => value !== undefined);

/** A whole number; the check of the type comes first, since the first failure is the one reported. */
export function IntegerIn(minimum: number, maximum: number) {
  return applyDecorators(IsInt(), Min(minimum), Max(maximum), ApiProperty({ type: 'integer', minimum, maximum }));
}

/** A finite number. */
export function NumberIn(minimum: number, maximum: number) {
  return applyDecorators(IsNumber(), Min(minimum), Max(maximum), ApiProperty({ type: 'number', minimum, maximum }));
}

/** Different names, in linear time: `@ArrayUnique()` compares each with each, which a long list makes a weapon. */
export function IsNameList(what: string, minimum: 0 | 1 = 1) {
  return applyDecorators(
    ApiProperty({
      type: 'array',
      items: { type: 'string', minLength: 1 },
      uniqueItems: true,
      minItems: minimum,
      maxItems: MAXIMUM_NAMES,
    }),
    ValidateBy({
      name: 'isNameList',
      validator: {
        validate: (value: unknown) =>
          isNameList(value) || (minimum === 0 && Array.isArray(value) && value.length === 0),
        defaultMessage: (args) =>
          `${args?.property} must be a list of different ${what}${minimum === 0 ? '' : ', at least one'}`,
      },
    }),
  );
}

/** A list of assets, or one of the words that stand for one. */
export function IsAssetSelection(words: readonly string[]) {
  const alternatives = [...words.map((word) => `"${word}"`), 'a list of different asset ids'].join(', ');
  return applyDecorators(
    ApiProperty({
      oneOf: [
        { type: 'string', enum: [...words] },
        { type: 'array', items: { type: 'string' }, uniqueItems: true },
      ],
    }),
    ValidateBy({
      name: 'isAssetSelection',
      validator: {
        validate: (value: unknown) => (typeof value === 'string' ? words.includes(value) : isNameList(value)),
        defaultMessage: (args) => `${args?.property} must be one of ${alternatives}`,
      },
    }),
  );
}

/** A transform by name, or a list of names and of `{transform, parameters}`. Which of them exist the catalogue knows. */
export function IsTransformChain() {
  const step = {
    type: 'object',
    required: ['transform'],
    additionalProperties: false,
    properties: {
      transform: { type: 'string', minLength: 1 },
      parameters: { type: 'object', additionalProperties: { type: 'number' } },
    },
  };
  const name = { type: 'string', minLength: 1 };
  return applyDecorators(
    ApiProperty({
      oneOf: [name, { type: 'array', minItems: 1, maxItems: MAXIMUM_CHAIN, items: { oneOf: [name, step] } }],
    }),
    ValidateBy({
      name: 'isTransformChain',
      validator: {
        validate: isTransformChain,
        defaultMessage: (args) =>
          `${args?.property} must be the name of a transform, or a list of 1 to ${MAXIMUM_CHAIN} names or {transform, parameters}`,
      },
    }),
  );
}

/** ISO 8601, a date or a time with its zone: `2018-01-01`, `2018-01-01T06:00:00Z`, `2018-01-01T06:00:00+02:00`. */
export function IsUtcTime() {
  return applyDecorators(
    ApiProperty({ type: 'string', format: 'date-time', example: '2018-01-01T00:00:00Z' }),
    ValidateBy({
      name: 'isUtcTime',
      validator: {
        validate: isUtcTime,
        defaultMessage: (args) =>
          `${args?.property} must be a date such as 2018-01-01 or a time with its zone such as 2018-01-01T00:00:00Z`,
      },
    }),
  );
}

/** At most ten different probabilities that an interval can have. */
export function IsCoverageList() {
  const [minimum, maximum] = [0.01, 0.999];
  return applyDecorators(
    ApiProperty({
      type: 'array',
      items: { type: 'number', minimum, maximum },
      uniqueItems: true,
      maxItems: MAXIMUM_COVERAGES,
      example: [0.8, 0.95],
    }),
    ValidateBy({
      name: 'isCoverageList',
      validator: {
        validate: (value: unknown) =>
          Array.isArray(value) &&
          value.length <= MAXIMUM_COVERAGES &&
          new Set(value).size === value.length &&
          value.every((one) => typeof one === 'number' && one >= minimum && one <= maximum),
        defaultMessage: (args) =>
          `${args?.property} must be a list of at most ${MAXIMUM_COVERAGES} different numbers from ${minimum} to ${maximum}`,
      },
    }),
  );
}

/** Seconds, an ISO 8601 duration, or `auto`. */
export function IsStep() {
  return applyDecorators(
    ApiProperty({ oneOf: [{ type: 'string', example: 'PT10M' }, { type: 'number' }], nullable: true }),
    ValidateBy({
      name: 'isStep',
      validator: {
        validate: (value: unknown) => value === 'auto' || stepDurationMs(value) !== null,
        defaultMessage: (args) =>
          `${args?.property} must be "auto", seconds such as 600, or an ISO 8601 duration of weeks, days, hours, minutes and seconds such as PT10M, from a millisecond to 366 days`,
      },
    }),
  );
}

/** Values by name, declared by somebody else (an algorithm, a feature step), who checks them. */
export function IsParameterValues() {
  return applyDecorators(
    IsObject(),
    ApiProperty({
      type: 'object',
      additionalProperties: {
        oneOf: [
          { type: 'number' },
          { type: 'boolean' },
          { type: 'string' },
          { type: 'array', items: { type: 'number' } },
        ],
      },
    }),
  );
}
