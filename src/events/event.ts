/** What can happen to models and endpoints, as the last part of a CloudEvent's type (`trainyard.<type>`). */
export const EVENT_TYPES = [
  'model.registered',
  'model.approved',
  'model.rejected',
  'model.reopened',
  'model.changed',
  'model.deleted',
  'alias.set',
  'alias.removed',
  'endpoint.deployed',
  'endpoint.retired',
  'endpoint.changed',
  'endpoint.failed',
  'endpoint.reaped',
  'endpoint.woken',
  'endpoint.deleted',
  'drift.inputs',
  'drift.error',
  'drift.recovered',
  'retraining.started',
  'retraining.finished',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/**
 * One thing that happened, kept for good: the history of models and endpoints, and what webhooks and sockets are told.
 * Ids sort by time.
 */
export interface ServiceEvent {
  readonly id: string;
  readonly at: string;
  readonly type: EventType;
  /** `models/<name>` or `endpoints/<name>`. */
  readonly subject: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly model: string | null;
  readonly modelVersion: number | null;
  readonly endpoint: string | null;
  /** Whatever else a reader needs; plain JSON. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event before it has its id and time. */
export interface NewEvent {
  readonly type: EventType;
  readonly actor: string;
  readonly reason?: string | null;
  readonly model?: string;
  readonly modelVersion?: number;
  /** Events of an endpoint name it; those of a model do not. */
  readonly endpoint?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export function subjectOf({ endpoint, model }: NewEvent): string {
  if (endpoint !== undefined) return `endpoints/${endpoint}`;
  if (model !== undefined) return `models/${model}`;
  throw new Error('an event is about a model or an endpoint');
}
