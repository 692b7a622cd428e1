import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../config/config.module.js';
import type { Role, TrainyardConfig } from '../config/config.js';
import { TrainyardError } from '../errors/index.js';
import { ANONYMOUS, type Actor } from './actor.js';

/** Each role may do what those before it may. */
const ROLE_ORDER: readonly Role[] = ['viewer', 'trainer', 'approver', 'admin'];

/** Checks API keys, for HTTP and sockets alike. Keys are known by their SHA-256 only. */
@Injectable()
export class ApiKeys {
  constructor(@Inject(CONFIG) private readonly config: TrainyardConfig) {}

  /** The actor behind a key; `UNAUTHENTICATED` where keys are set and this is none of them. */
  authenticate(key: string | undefined): Actor {
    if (this.config.apiKeys.length === 0) return ANONYMOUS;
    if (key === undefined || key === '') {
      throw new TrainyardError(
        'UNAUTHENTICATED',
        'Send an API key as "Authorization: Bearer <key>", with an AWS client as the session token of its credentials, or on a socket as auth.token',
      );
    }
    const presented = createHash('sha256').update(key).digest();
    // Every entry is compared, so that the time taken does not tell which one matched.
    let found: Actor | null = null;
    for (const { name, role, sha256 } of this.config.apiKeys) {
      if (timingSafeEqual(presented, Buffer.from(sha256, 'hex'))) found = { name, role };
    }
    if (found === null) throw new TrainyardError('UNAUTHENTICATED', 'The API key is not known to this installation');
    return found;
  }

  /** `FORBIDDEN` unless the actor's role includes `role`. */
  authorize(actor: Actor, role: Role): void {
    if (ROLE_ORDER.indexOf(actor.role) >= ROLE_ORDER.indexOf(role)) return;
    throw new TrainyardError('FORBIDDEN', `This needs the role ${role}; the key "${actor.name}" has ${actor.role}`, {
      needed: role,
      actual: actor.role,
    });
  }
}
