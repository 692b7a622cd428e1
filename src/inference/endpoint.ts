export const ENDPOINT_STATUSES = ['Creating', 'InService', 'Updating', 'Idle', 'Deleting', 'Failed'] as const;

/**
 * `Updating`: answers with its versions while others are being loaded. `Idle`: reaped, its memory is free; the next
 * request wakes it. `Deleting`: new requests are refused, those under way are answered, then it is gone. `Failed`: it
 * did not finish its creation.
 */
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

export const ENDPOINT_STAGES = ['staging', 'production'] as const;

/** On `production` only approved versions answer. */
export type EndpointStage = (typeof ENDPOINT_STAGES)[number];

/** The variant of an endpoint that has one only. */
export const ALL_TRAFFIC = 'AllTraffic';

/** A version that answers its share of an endpoint's requests. */
export interface Variant {
  readonly name: string;
  readonly modelVersion: number;
  /** The alias that it follows; null: none. */
  readonly alias: string | null;
  /** Its share is weight / sum of the weights. Of 0: answers only who names it. */
  readonly weight: number;
}

/** A version that forecasts the same inputs and answers nobody. */
export interface Shadow {
  readonly modelVersion: number;
  readonly alias: string | null;
}

/** A named deployment of versions of one model. */
export interface Endpoint {
  readonly name: string;
  readonly model: string;
  /** Of the first variant; within a request, of the variant that answers it. */
  readonly modelVersion: number;
  /** The alias that the first variant follows: when it moves, the endpoint is updated. Null: none. */
  readonly alias: string | null;
  /** At least one; names are unique. */
  readonly variants: readonly Variant[];
  readonly shadow: Shadow | null;
  readonly stage: EndpointStage;
  readonly status: EndpointStatus;
  /** Idle time after which it is reaped; null for the installation's. */
  readonly idleMs: number | null;
  /** Never reaped, and loaded when the service starts. */
  readonly keepWarm: boolean;
  /** Share of the predictions that is stored, 0…1; each is as likely as the other. */
  readonly storedShare: number;
  readonly createdBy: string;
  readonly createdAt: string;
  /** Last forecast, or the creation. */
  readonly lastUsedAt: string;
  /** While it is `Deleting`: who asked for it, and when. */
  readonly deletion: { readonly by: string; readonly at: string } | null;
  /** Counts the writes; the ETag. */
  readonly version: number;
}

export type NewEndpoint = Omit<Endpoint, 'version'>;

/** What may change while an endpoint serves; its version and alias are those of the first variant. */
export type EndpointChange = Partial<Omit<NewEndpoint, 'name' | 'modelVersion' | 'alias' | 'createdBy' | 'createdAt'>>;

/** A version as an endpoint serves it. */
export type Served = Pick<Endpoint, 'name' | 'model' | 'modelVersion'>;

type Deployed = Pick<Endpoint, 'name' | 'model' | 'variants' | 'shadow'>;

export function changed<Known extends NewEndpoint>(seen: Known, change: EndpointChange): Known {
  const after = { ...seen, ...change };
  return { ...after, ...firstOf(after.variants) };
}

/** The version and the alias that stand for the whole endpoint. */
export function firstOf(variants: readonly Variant[]): Pick<Endpoint, 'modelVersion' | 'alias'> {
  const [first] = variants;
  if (first === undefined) throw new Error('an endpoint has at least one variant');
  return { modelVersion: first.modelVersion, alias: first.alias };
}

/** The versions that answer, each once, in the order of the variants. */
export function answeringVersions({ variants }: Pick<Endpoint, 'variants'>): number[] {
  return [...new Set(variants.map(({ modelVersion }) => modelVersion))];
}

/** The versions that it needs in memory, the shadow's too. */
export function servedBy({ name, model, variants, shadow }: Deployed): Served[] {
  const versions = new Set([...answeringVersions({ variants }), ...(shadow === null ? [] : [shadow.modelVersion])]);
  return [...versions].map((modelVersion) => ({ name, model, modelVersion }));
}

/** The aliases that it follows, the shadow's too. */
export function aliasesOf({ variants, shadow }: Pick<Endpoint, 'variants' | 'shadow'>): string[] {
  const aliases = [...variants, ...(shadow === null ? [] : [shadow])].map(({ alias }) => alias);
  return [...new Set(aliases)].filter((alias) => alias !== null);
}

/** Its models are not in memory; the next request wakes it. */
export function isAsleep({ status }: Pick<Endpoint, 'status'>): boolean {
  return status === 'Idle' || status === 'Failed';
}
