export const ENDPOINT_STATUSES = ['Creating', 'InService', 'Idle', 'Failed'] as const;

/**
 * `Idle`: reaped, its memory is free; the next request wakes it. `Failed`: it did not finish its creation.
 * An endpoint that a person deletes is gone.
 */
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

/** A named deployment of a model version. */
export interface Endpoint {
  readonly name: string;
  readonly model: string;
  readonly modelVersion: number;
  readonly status: EndpointStatus;
  /** Idle time after which it is reaped; null for the installation's. */
  readonly idleMs: number | null;
  readonly createdBy: string;
  readonly createdAt: string;
  /** Last forecast, or the creation. */
  readonly lastUsedAt: string;
  /** Counts the writes; the ETag. */
  readonly version: number;
}

export type EndpointEvent = 'created' | 'woken' | 'reaped' | 'cleaned' | 'deleted';

/** One line of an endpoint's history. */
export interface EndpointActivity {
  readonly at: string;
  readonly event: EndpointEvent;
  readonly actor: string;
  readonly reason: string;
}
