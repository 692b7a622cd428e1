import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from '../errors/index.js';
import { Problem } from './problem.dto.js';

/** The errors that a route answers with, by status, each with the codes it can have. */
export function ApiProblems(...codes: ErrorCode[]): MethodDecorator {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes)
    byStatus.set(ERROR_CODES[code].status, [...(byStatus.get(ERROR_CODES[code].status) ?? []), code]);
  return applyDecorators(
    ...[...byStatus].map(([status, same]) =>
      ApiResponse({
        status,
        type: Problem,
        description: same.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}`).join('; '),
      }),
    ),
  );
}
