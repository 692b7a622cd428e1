import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { MetricsRegistry } from './metrics-registry.js';

/** Times each HTTP request by its route pattern: a path with ids in it would make a series per id. */
@Injectable()
export class HttpMetricsInterceptor implements NestInterceptor {
  constructor(private readonly metrics: MetricsRegistry) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() === 'http') {
      const request = context.switchToHttp().getRequest<Request>();
      const route = request.route as { path?: string } | undefined;
      const response = context.switchToHttp().getResponse<Response>();
      const stop = this.metrics.httpDuration.startTimer({
        method: request.method,
        route: route?.path ?? 'unknown',
      });
      // Not when the handler returns: a streamed answer is over when its last byte is sent.
      response.once('close', () => stop({ status: String(response.statusCode) }));
    }
    return next.handle();
  }
}
