import type { Endpoint } from '../inference/index.js';

/** What the reaper does with one endpoint, and why; the reason goes into the endpoint's history. */
export interface ReapingDecision {
  readonly action: 'keep' | 'reap' | 'clean';
  readonly reason: string;
}

export interface ReapingRules {
  /** Idle time of endpoints that have none of their own. */
  readonly idleMs: number;
  /** A creation that takes longer than this never ends: its process died. */
  readonly stuckMs: number;
  /** How old the time of use may be of an endpoint that another process is using: nothing is reaped sooner. */
  readonly useLagMs: number;
}

/** Decides over one endpoint. Pure: the same endpoint, load and time give the same answer. */
export function decideReaping(
  { status, idleMs, keepWarm, createdAt, lastUsedAt, deletion }: Endpoint,
  requestsInFlight: number,
  nowMs: number,
  rules: ReapingRules,
): ReapingDecision {
  switch (status) {
    case 'Idle':
    case 'Failed':
      return { action: 'keep', reason: `is ${status} already` };
    case 'Creating': {
      const ageMs = nowMs - Date.parse(createdAt);
      return ageMs >= rules.stuckMs
        ? { action: 'clean', reason: `in creation for ${seconds(ageMs)}, more than ${seconds(rules.stuckMs)}` }
        : { action: 'keep', reason: 'is being created' };
    }
    case 'Updating': {
      const unusedMs = nowMs - Date.parse(lastUsedAt);
      return unusedMs >= rules.stuckMs && requestsInFlight === 0
        ? {
            action: 'clean',
            reason: `in update and unused for ${seconds(unusedMs)}, more than ${seconds(rules.stuckMs)}`,
          }
        : { action: 'keep', reason: 'is being updated' };
    }
    case 'Deleting': {
      const ageMs = nowMs - Date.parse(deletion?.at ?? lastUsedAt);
      return ageMs >= rules.stuckMs
        ? { action: 'clean', reason: `in deletion for ${seconds(ageMs)}, more than ${seconds(rules.stuckMs)}` }
        : { action: 'keep', reason: 'is being deleted' };
    }
    case 'InService': {
      if (requestsInFlight > 0) return { action: 'keep', reason: `answers ${requestsInFlight} requests` };
      if (keepWarm) return { action: 'keep', reason: 'is kept warm' };
      const limitMs = Math.max(idleMs ?? rules.idleMs, rules.useLagMs);
      const unusedMs = nowMs - Date.parse(lastUsedAt);
      return unusedMs >= limitMs
        ? { action: 'reap', reason: `idle for ${seconds(unusedMs)}, the limit is ${seconds(limitMs)}` }
        : { action: 'keep', reason: `used ${seconds(unusedMs)} ago` };
    }
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
