import { TrainyardError } from '../errors/index.js';

/** Everything an operator can set, from environment variables; see the README's table. */
export interface TrainyardConfig {
  readonly host: string;
  readonly port: number;
  /** Where the embedded database and scratch files live. */
  readonly dataDir: string;
  readonly logLevel: string;
  /** `name:role:sha256-of-key`, comma separated. */
  readonly apiKeys: readonly ApiKeyEntry[];
  readonly database: {
    /** `embedded`: supervised child; `endpoint`: DynamoDB Local or compatible; `aws`: plain AWS configuration. */
    readonly kind: 'embedded' | 'endpoint' | 'aws';
    readonly endpoint: string | null;
    readonly region: string;
    readonly tablePrefix: string;
    readonly createTables: boolean;
  };
  readonly limits: {
    readonly bodyBytes: number;
    readonly importBytes: number;
    readonly rows: number;
    readonly columns: number;
    readonly assets: number;
    readonly horizon: number;
    readonly lookBack: number;
    readonly queuedExecutions: number;
    readonly modelFileBytes: number;
  };
  readonly training: {
    /** Trainings at once; default: one per core. */
    readonly concurrency: number;
    readonly leaseMs: number;
    readonly heartbeatMs: number;
  };
  readonly featureStore: {
    /** Beyond this the columns that were not used for longest are removed. */
    readonly bytes: number;
    /** What nothing uses any more is removed after this time. */
    readonly graceMs: number;
    readonly cron: string;
  };
  readonly endpoints: {
    readonly idleMs: number;
    readonly reaperCron: string;
    /** Of the models in memory; beyond it those that were not used for longest are unloaded. */
    readonly memoryBytes: number;
    /** Predictions that may wait to be stored; beyond it forecasts are refused. */
    readonly waitingPredictions: number;
    /** Requests that one endpoint answers at once. */
    readonly concurrentForecasts: number;
    readonly forecastTimeoutMs: number;
  };
  readonly webhooks: {
    /** Whether events may be sent to private networks and this host. */
    readonly allowPrivate: boolean;
    /** How often an event is sent before it is given up. */
    readonly attempts: number;
    /** Pause after the first failure; each later one is eight times as long, at most six hours. */
    readonly firstRetryMs: number;
    readonly timeoutMs: number;
  };
}

export type Role = 'viewer' | 'trainer' | 'approver' | 'admin';

export interface ApiKeyEntry {
  readonly name: string;
  readonly role: Role;
  /** Lower-case hexadecimal SHA-256 of the key. */
  readonly sha256: string;
}

const ROLES: readonly string[] = ['viewer', 'trainer', 'approver', 'admin'] satisfies Role[];
const MEBIBYTE = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;
const MINUTE_MS = 60_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads and checks the configuration; `CONFIG_INVALID` names the variable, its value and what it takes. */
export function readConfig(env: Environment, cores: number): TrainyardConfig {
  const config: TrainyardConfig = {
    host: env.TRAINYARD_HOST ?? '127.0.0.1',
    port: integer(env, 'TRAINYARD_PORT', 3000, 0, 65_535),
    dataDir: env.TRAINYARD_DATA_DIR ?? '.trainyard',
    logLevel: oneOf(env, 'TRAINYARD_LOG_LEVEL', 'info', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    apiKeys: apiKeys(env.TRAINYARD_API_KEYS),
    database: database(env),
    limits: {
      bodyBytes: integer(env, 'TRAINYARD_LIMIT_BODY_BYTES', MEBIBYTE, 1024, 64 * MEBIBYTE),
      importBytes: integer(env, 'TRAINYARD_LIMIT_IMPORT_BYTES', 512 * MEBIBYTE, 1024, Number.MAX_SAFE_INTEGER),
      rows: integer(env, 'TRAINYARD_LIMIT_ROWS', 5_000_000, 1, 100_000_000),
      columns: integer(env, 'TRAINYARD_LIMIT_COLUMNS', 1_000, 1, 100_000),
      assets: integer(env, 'TRAINYARD_LIMIT_ASSETS', 1_000, 1, 100_000),
      horizon: integer(env, 'TRAINYARD_LIMIT_HORIZON', 1_000, 1, 100_000),
      lookBack: integer(env, 'TRAINYARD_LIMIT_LOOK_BACK', 5_000, 1, 1_000_000),
      queuedExecutions: integer(env, 'TRAINYARD_LIMIT_QUEUED_EXECUTIONS', 100, 1, 100_000),
      modelFileBytes: integer(env, 'TRAINYARD_LIMIT_MODEL_FILE_BYTES', 64 * MEBIBYTE, 1024, 256 * MEBIBYTE),
    },
    training: {
      concurrency: integer(env, 'TRAINYARD_TRAINING_CONCURRENCY', cores, 1, 256),
      leaseMs: integer(env, 'TRAINYARD_LEASE_MS', 30_000, 500, 3_600_000),
      heartbeatMs: integer(env, 'TRAINYARD_HEARTBEAT_MS', 5_000, 100, 600_000),
    },
    featureStore: {
      bytes: integer(env, 'TRAINYARD_FEATURE_STORE_BYTES', 10 * GIBIBYTE, 0, Number.MAX_SAFE_INTEGER),
      graceMs: integer(env, 'TRAINYARD_FEATURE_STORE_GRACE_MS', 24 * 60 * MINUTE_MS, 0, 365 * 24 * 60 * MINUTE_MS),
      cron: env.TRAINYARD_FEATURE_STORE_CRON ?? '30 * * * *',
    },
    endpoints: {
      idleMs: integer(env, 'TRAINYARD_ENDPOINT_IDLE_MS', 60 * MINUTE_MS, 1, 365 * 24 * 60 * MINUTE_MS),
      reaperCron: env.TRAINYARD_REAPER_CRON ?? '0 * * * *',
      memoryBytes: integer(env, 'TRAINYARD_ENDPOINT_MEMORY_BYTES', GIBIBYTE, 0, Number.MAX_SAFE_INTEGER),
      concurrentForecasts: integer(env, 'TRAINYARD_LIMIT_ENDPOINT_REQUESTS', 256, 1, 100_000),
      forecastTimeoutMs: integer(env, 'TRAINYARD_FORECAST_TIMEOUT_MS', 30_000, 1, 3_600_000),
      waitingPredictions: integer(env, 'TRAINYARD_LIMIT_WAITING_PREDICTIONS', 20_000, 1, 10_000_000),
    },
    webhooks: {
      allowPrivate: oneOf(env, 'TRAINYARD_WEBHOOKS_ALLOW_PRIVATE', 'false', ['true', 'false']) === 'true',
      attempts: integer(env, 'TRAINYARD_WEBHOOK_ATTEMPTS', 6, 1, 20),
      firstRetryMs: integer(env, 'TRAINYARD_WEBHOOK_FIRST_RETRY_MS', 5_000, 1, 3_600_000),
      timeoutMs: integer(env, 'TRAINYARD_WEBHOOK_TIMEOUT_MS', 10_000, 100, 120_000),
    },
  };
  if (!isLoopback(config.host) && config.apiKeys.length === 0) {
    throw new TrainyardError(
      'CONFIG_INVALID',
      `TRAINYARD_HOST=${config.host} is reachable from other machines and TRAINYARD_API_KEYS is empty: set keys, or bind to 127.0.0.1`,
      { variable: 'TRAINYARD_HOST', value: config.host },
    );
  }
  if (config.training.heartbeatMs * 2 > config.training.leaseMs) {
    throw new TrainyardError(
      'CONFIG_INVALID',
      `TRAINYARD_HEARTBEAT_MS=${config.training.heartbeatMs} must be at most half of TRAINYARD_LEASE_MS=${config.training.leaseMs}`,
      { variable: 'TRAINYARD_HEARTBEAT_MS' },
    );
  }
  return config;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function database(env: Environment): TrainyardConfig['database'] {
  const endpoint = env.DYNAMO_ENDPOINT ?? null;
  const kind = oneOf(env, 'TRAINYARD_DATABASE', endpoint === null ? 'embedded' : 'endpoint', [
    'embedded',
    'endpoint',
    'aws',
  ]) as TrainyardConfig['database']['kind'];
  if (kind === 'endpoint' && endpoint === null) fail('DYNAMO_ENDPOINT', '', 'a URL, since TRAINYARD_DATABASE=endpoint');
  return {
    kind,
    endpoint: kind === 'endpoint' ? endpoint : null,
    region: env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1',
    tablePrefix: env.TRAINYARD_TABLE_PREFIX ?? '',
    createTables: oneOf(env, 'TRAINYARD_CREATE_TABLES', 'true', ['true', 'false']) === 'true',
  };
}

function apiKeys(text: string | undefined): ApiKeyEntry[] {
  return (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [name = '', role = '', sha256 = ''] = entry.split(':');
      if (name === '' || !ROLES.includes(role) || !/^[0-9a-f]{64}$/.test(sha256)) {
        fail('TRAINYARD_API_KEYS', `${name}:${role}:…`, `name:role:sha256, role one of ${ROLES.join(', ')}`);
      }
      return { name, role: role as Role, sha256 };
    });
}

function integer(env: Environment, variable: string, fallback: number, minimum: number, maximum: number): number {
  const text = env[variable];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    fail(variable, text, `a whole number from ${minimum} to ${maximum}`);
  }
  return value;
}

function oneOf(env: Environment, variable: string, fallback: string, values: readonly string[]): string {
  const text = env[variable];
  if (text === undefined || text === '') return fallback;
  if (!values.includes(text)) fail(variable, text, `one of ${values.join(', ')}`);
  return text;
}

function fail(variable: string, value: string, expected: string): never {
  throw new TrainyardError('CONFIG_INVALID', `${variable}="${value}" is not ${expected}`, {
    variable,
    value,
    expected,
  });
}
