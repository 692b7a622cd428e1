import type { ServiceEvent } from '../events/index.js';
import type { ApprovalDecision, ApprovalStatus } from './model.js';

/** One version of a model on one production endpoint, over the time it was there. */
export interface ProductionPeriod {
  readonly endpoint: string;
  readonly version: number;
  readonly from: string;
  /** Null: still there. */
  readonly until: string | null;
  readonly deployedBy: string;
  readonly reason: string | null;
  /** What had been decided about the version by the time asked for; null in histories that begin later. */
  readonly approval: ApprovalDecision | null;
}

const STATUS = new Map<string, ApprovalStatus>([
  ['model.registered', 'PendingManualApproval'],
  ['model.approved', 'Approved'],
  ['model.rejected', 'Rejected'],
  ['model.reopened', 'PendingManualApproval'],
]);

/**
 * What of a model was in production at a time, from its events, oldest first. An idle endpoint is in production: it
 * wakes with the same version. Several versions on one endpoint (variants) are periods of their own.
 */
export function productionAt(events: Iterable<ServiceEvent>, at: string): ProductionPeriod[] {
  const open = new Map<string, ProductionPeriod>();
  const found: ProductionPeriod[] = [];
  const decisions = new Map<number, ApprovalDecision>();
  for (const { type, endpoint, modelVersion, at: when, actor, reason, data } of events) {
    if (modelVersion === null) continue;
    const status = STATUS.get(type);
    if (status !== undefined && when <= at) decisions.set(modelVersion, { status, actor, reason, at: when });
    if (endpoint === null) continue;
    const key = `${endpoint}/${modelVersion}`;
    const period = open.get(key);
    const isDeployed = type === 'endpoint.deployed' && data['stage'] === 'production';
    if (period !== undefined && (type === 'endpoint.retired' || type === 'endpoint.deployed')) {
      if (isDeployed) continue;
      open.delete(key);
      if (when > at) found.push({ ...period, until: when });
    } else if (isDeployed && when <= at) {
      open.set(key, {
        endpoint,
        version: modelVersion,
        from: when,
        until: null,
        deployedBy: actor,
        reason,
        approval: null,
      });
    }
  }
  return [...found, ...open.values()].map((period) => ({ ...period, approval: decisions.get(period.version) ?? null }));
}
