import { ArgumentsHost, Catch, HttpException, Logger, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { isTrainyardError } from '../errors/index.js';
import type { TrainyardRequest } from './actor.js';
import { ErrorForms } from './error-forms.js';
import { translateFrameworkError } from './framework-errors.js';
import type { Problem } from './problem.dto.js';

/** Turns whatever a handler throws into a `Problem`. A bug is logged with its stack and answered without detail. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  constructor(private readonly forms: ErrorForms) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const request = host.switchToHttp().getRequest<TrainyardRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const requestId = request.requestId ?? '';
    if (response.headersSent) {
      // Too late for a status: the only honest answer is a broken one.
      response.destroy();
      return;
    }
    // Terminus answers 503 with a body of its own: a report, not an error.
    if (error instanceof HttpException && error.getStatus() === 503) {
      response.status(503).send(error.getResponse());
      return;
    }
    const known = isTrainyardError(error) ? error : translateFrameworkError(error);
    if (known === null || known.status >= 500) {
      const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.logger.error(`request ${requestId} ${request.method} ${request.path} failed: ${trace}`);
    }
    const problem: Problem =
      known === null
        ? {
            code: 'INTERNAL',
            message: 'An internal error occurred; the log has it under this request id',
            details: {},
            requestId,
          }
        : { code: known.code, message: known.message, details: { ...known.details }, requestId };
    const status = known?.status ?? 500;
    if (status === 429 || status === 503) response.setHeader('Retry-After', '5');
    const form = this.forms.find(request.path);
    if (form === null) {
      response.status(status).send(problem);
      return;
    }
    const formed = form(problem, status);
    response.status(formed.status).set(formed.headers).send(formed.body);
  }
}
