export const ENDPOINT_STATUSES = ['Creating', 'InService', 'Updating', 'Idle', 'Failed'] as const;

/**
 * `Updating`: answers with its version while another is being loaded. `Idle`: reaped, its memory is free; the next
 * request wakes it. `Failed`: it did not finish its creation. An endpoint that a person deletes is gone.
 */
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

export const ENDPOINT_STAGES = ['staging', 'production'] as const;

/** On `production` only approved versions are deployed. */
export type EndpointStage = (typeof ENDPOINT_STAGES)[number];

/** A named deployment of a model version. */
export interface Endpoint {
  readonly name: string;
  readonly model: string;
  readonly modelVersion: number;
  /** The alias of the model that it follows: when it moves, the endpoint is updated. Null: none. */
  readonly alias: string | null;
  readonly stage: EndpointStage;
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

/** What may change while an endpoint serves. */
export type EndpointChange = Partial<
  Pick<Endpoint, 'model' | 'modelVersion' | 'alias' | 'stage' | 'status' | 'idleMs' | 'lastUsedAt'>
>;
