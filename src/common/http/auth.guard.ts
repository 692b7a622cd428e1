import type { IncomingHttpHeaders } from 'node:http';
import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Role } from '../config/config.js';
import type { TrainyardRequest } from './actor.js';
import { ApiKeys } from './api-keys.js';

const ROLE = 'trainyard:role';
const PUBLIC = 'trainyard:public';

/** The role a handler needs where the method's default (reading: viewer, writing: trainer) is not right. */
export const RequiresRole = (role: Role) => SetMetadata(ROLE, role);

/** A handler that needs no key, such as the health check. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Puts the actor on each HTTP request and holds it to its role. Sockets authenticate in their gateway. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: ApiKeys,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<TrainyardRequest>();
    request.actor = this.keys.authenticate(presentedKey(request.headers));
    const reading = request.method === 'GET' || request.method === 'HEAD';
    const role = this.reflector.getAllAndOverride<Role | undefined>(ROLE, targets) ?? (reading ? 'viewer' : 'trainer');
    this.keys.authorize(request.actor, role);
    return true;
  }
}

/**
 * The key as a bearer token, or as the session token of an AWS client's credentials. Of keys only hashes are kept, so
 * the signature that such a client sends cannot be checked, and is not: the session token is what proves who it is.
 */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const { authorization = '' } = headers;
  const token = headers['x-amz-security-token'];
  if (authorization.startsWith('AWS4-') && typeof token === 'string') return token;
  return /^Bearer (.+)$/i.exec(authorization)?.[1]?.trim();
}
