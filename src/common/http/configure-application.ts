import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { RequestMethod } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Response } from 'express';
import { CONFIG } from '../config/config.module.js';
import type { TrainyardConfig } from '../config/config.js';
import { assertNestingWithinLimit } from '../nesting.js';
import type { TrainyardRequest } from './actor.js';
import { FOREIGN_PATHS, FOREIGN_ROUTES } from './foreign-routes.js';

export const API_PREFIX = 'api/v1';

/** Routes at the root: operations, outside the versioned API. */
const ROOT_ROUTES = ['health', 'health/live', 'metrics'];

/** Routes that take their body as it arrives, JSON too: a dataset, or a model, is larger than a request may be. */
const UPLOAD_ROUTES = new RegExp(String.raw`^/${API_PREFIX}/(datasets(/[^/?]+/rows)?|model-files)/?(\?|$)`);

/** What the service, the OpenAPI generator and the tests set up alike. Create the application with `bodyParser: false`. */
export function configureApplication(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  // Resources that have a version say so themselves; a hash of each other answer costs more than it saves.
  app.disable('etag');
  app.use((request: TrainyardRequest, response: Response, next: NextFunction) => {
    request.requestId ??= requestIdOf(request.headers);
    response.setHeader('X-Request-Id', request.requestId);
    next(request.failure);
  });
  const limit = app.get<TrainyardConfig>(CONFIG).limits.bodyBytes;
  app.useBodyParser('raw', { limit, type: isForeign });
  app.useBodyParser('json', {
    limit,
    type: (request: IncomingMessage) =>
      isJson(request) && !UPLOAD_ROUTES.test(request.url ?? '') && !isForeign(request),
  });
  app.use((request: TrainyardRequest, _response: Response, next: NextFunction) => {
    assertNestingWithinLimit(request.body);
    next();
  });
  setRoutePrefix(app);
}

/** Native routes under `/api/v1`, operations and foreign dialects at the root. */
export function setRoutePrefix(app: NestExpressApplication): void {
  app.setGlobalPrefix(API_PREFIX, {
    exclude: [
      ...ROOT_ROUTES.map((path) => ({ path, method: RequestMethod.GET })),
      ...FOREIGN_ROUTES.map((path) => ({ path, method: RequestMethod.ALL })),
    ],
  });
}

function isForeign({ url = '' }: IncomingMessage): boolean {
  return FOREIGN_PATHS.test(url.split('?', 1)[0] ?? '');
}

function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

/** The caller's own, the trace it belongs to, or a new one. */
export function requestIdOf({ 'x-request-id': given, traceparent }: IncomingHttpHeaders): string {
  return acceptedRequestId(given) ?? traceIdOf(traceparent) ?? randomUUID();
}

/** A caller's own request id is kept when it is harmless in a log. */
function acceptedRequestId(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && /^[\w.:-]{1,128}$/.test(header) ? header : null;
}

/** The trace that the caller's request belongs to (W3C Trace Context), so that its traces and our log meet. */
function traceIdOf(header: string | string[] | undefined): string | null {
  const [, trace] =
    (typeof header === 'string' && /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/.exec(header)) || [];
  return trace === undefined || /^0+$/.test(trace) ? null : trace;
}
