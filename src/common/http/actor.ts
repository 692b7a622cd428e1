import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Role } from '../config/config.js';

/** Who makes a request: the name and role of the API key, or `anonymous` on an installation without keys. */
export interface Actor {
  readonly name: string;
  readonly role: Role;
}

/** Without keys only loopback can call, and whoever can is the operator. */
export const ANONYMOUS: Actor = { name: 'anonymous', role: 'admin' };

/** An Express request after the guard and the request id. */
export interface TrainyardRequest extends Request {
  requestId?: string;
  actor?: Actor;
  /** What went wrong before the framework had it: it is answered as any other error. */
  failure?: unknown;
}

/** Injects the request's actor into a handler. */
export const CurrentActor = createParamDecorator(
  (_: unknown, context: ExecutionContext): Actor =>
    context.switchToHttp().getRequest<TrainyardRequest>().actor ?? ANONYMOUS,
);
