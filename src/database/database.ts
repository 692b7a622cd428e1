import './sdk-notice.js';
import { join } from 'node:path';
import { DynamoDB, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import dynamoose from 'dynamoose';
import type { TrainyardConfig } from '../common/config/config.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import { DynamoTable, type TableConnection } from './dynamo-table.js';
import { EmbeddedDatabase, type DatabaseReport } from './embedded/embedded-database.js';
import type { AnyTableDefinition } from './item-codec.js';
import { storageError } from './storage-error.js';
import { bindDefinition, type TableModel } from './table-model.js';
import { setUpTable, verifyTable } from './table-setup.js';
import type { PreparedWrite, Table, TableDefinition } from './table.js';
import { sendTransaction } from './transaction.js';

export type DatabaseConfig = Pick<TrainyardConfig, 'dataDir' | 'database'>;

/** One open database; `close` ends the embedded server too. */
export interface Database {
  /** The endpoint, or the AWS region: for messages, and for another process on the same embedded server. */
  readonly address: string;
  table<Item extends object>(definition: TableDefinition<Item>): Table<Item>;
  /** Creates missing tables where the configuration allows it; otherwise checks that they are there as defined. */
  ensureTables(definitions: readonly AnyTableDefinition[]): Promise<void>;
  /** Does all of the writes or none, at most 100; `CONFLICT` when the condition of one does not hold. */
  transact(writes: readonly PreparedWrite[]): Promise<void>;
  /** `STORAGE_UNAVAILABLE` unless the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Below `dataDir`, for the embedded server alone. */
const DIRECTORY = 'database';
/** With the SDK's doubling delays some six seconds: an embedded server that crashed is back before. */
const ATTEMPTS = { embedded: 8, remote: 5 };
/** The SDK copies each request and answer for a log that nobody reads, unless its logger has no such methods. */
const SILENT = {} as NonNullable<DynamoDBClientConfig['logger']>;
const PING_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 30_000;
const READY_POLL_MS = { local: 10, aws: 1_000 };

/** Opens the database that the configuration names: the embedded one, an endpoint, or AWS. */
export async function openDatabase(config: DatabaseConfig, report?: DatabaseReport): Promise<Database> {
  const { kind } = config.database;
  const server =
    kind === 'embedded' ? await EmbeddedDatabase.start({ directory: join(config.dataDir, DIRECTORY), report }) : null;
  return new OpenDatabase(config.database, server);
}

class OpenDatabase implements Database, TableConnection {
  readonly client: DynamoDB;
  readonly address: string;
  private readonly connection = new dynamoose.Instance();
  private readonly bound = new Map<AnyTableDefinition, TableModel>();
  private readonly ensured = new Map<string, Promise<void>>();
  private closed = false;

  constructor(
    private readonly config: DatabaseConfig['database'],
    private readonly server: EmbeddedDatabase | null,
  ) {
    const endpoint = server?.endpoint ?? config.endpoint;
    this.address = endpoint ?? `DynamoDB in ${config.region}`;
    this.client = new DynamoDB({
      region: config.region,
      maxAttempts: server === null ? ATTEMPTS.remote : ATTEMPTS.embedded,
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
      ...(endpoint === null ? {} : { endpoint }),
      logger: SILENT,
      // The embedded server takes any signature: a developer's real keys have no business with it.
      ...(server !== null || (endpoint !== null && process.env.AWS_ACCESS_KEY_ID === undefined)
        ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
        : {}),
    });
    this.connection.aws.ddb.set(this.client);
  }

  table<Item extends object>(definition: TableDefinition<Item>): Table<Item> {
    return new DynamoTable(definition, this.bind(definition), this);
  }

  async ensureTables(definitions: readonly AnyTableDefinition[]): Promise<void> {
    await Promise.all(
      definitions.map(async (definition) => {
        const running = this.ensured.get(definition.name) ?? this.ensureTable(definition);
        this.ensured.set(definition.name, running);
        await running;
      }),
    );
  }

  async transact(writes: readonly PreparedWrite[]): Promise<void> {
    this.checkOpen();
    try {
      await sendTransaction(this.client, writes);
    } catch (error) {
      this.checkOpen();
      throw storageError(error, this.address);
    }
  }

  async ping(): Promise<void> {
    this.checkOpen();
    try {
      // A health check wants the state now, not after all retries.
      await this.client.listTables({ Limit: 1 }, { abortSignal: AbortSignal.timeout(PING_TIMEOUT_MS) });
    } catch (error) {
      this.checkOpen();
      throw storageError(error, this.address);
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.client.destroy();
    await this.server?.stop();
  }

  checkOpen(): void {
    if (this.server?.failure != null) throw this.server.failure;
    if (this.closed) {
      throw new TrainyardError(
        'STORAGE_UNAVAILABLE',
        `the database at ${this.address} is closed, the service is stopping`,
      );
    }
  }

  private get pollMs(): number {
    return this.config.kind === 'aws' ? READY_POLL_MS.aws : READY_POLL_MS.local;
  }

  private bind(definition: AnyTableDefinition): TableModel {
    const known = this.bound.get(definition);
    if (known !== undefined) return known;
    const bound = bindDefinition(this.connection, definition, this.config.tablePrefix);
    this.bound.set(definition, bound);
    return bound;
  }

  private async ensureTable(definition: AnyTableDefinition): Promise<void> {
    this.checkOpen();
    const bound = this.bind(definition);
    try {
      if (this.config.createTables) await setUpTable(this.client, bound, this.pollMs);
      await verifyTable(this.client, bound.tableName, definition);
    } catch (error) {
      this.ensured.delete(definition.name);
      throw isTrainyardError(error) ? error : storageError(error, this.address);
    }
  }
}
