import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsObject, ValidateBy } from 'class-validator';

/** An object of arrays whose elements are finite numbers or null. */
export function IsSeriesMap(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'number', nullable: true } },
    }),
    IsObject(),
    ValidateBy({
      name: 'isSeriesMap',
      validator: {
        validate: (value: unknown) => seriesFault(value) === null,
        defaultMessage: (context) => `series ${seriesFault(context?.value) ?? 'is not valid'}`,
      },
    }),
  );
}

/** What is wrong with it as an object of arrays of finite numbers and nulls; null when nothing is. */
export function seriesFault(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'must be an object of arrays';
  for (const [name, values] of Object.entries(value as Record<string, unknown>)) {
    if (!Array.isArray(values)) return `"${name}" must be an array`;
    const at = values.findIndex(
      (item: unknown) => item !== null && !(typeof item === 'number' && Number.isFinite(item)),
    );
    if (at >= 0) return `"${name}"[${at}] = ${JSON.stringify(values[at])} must be a finite number or null`;
  }
  return null;
}
