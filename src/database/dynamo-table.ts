import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import dynamoose from 'dynamoose';
import type { AttributeValue, DynamoDB } from '@aws-sdk/client-dynamodb';
import type { Page } from '../common/page.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import {
  VERSION,
  WRITE_ID,
  checkIndexKeys,
  checkSize,
  fromRow,
  keyOf,
  rowBytes,
  toRow,
  type Row,
} from './item-codec.js';
import { isConditionFailure, storageError, wasRetried } from './storage-error.js';
import { readBatches, writeBatches, type BatchWrite } from './table-batches.js';
import { queryPage } from './table-query.js';
import type { TableModel } from './table-model.js';
import type { Key, PreparedWrite, Query, Stored, Table, TableDefinition } from './table.js';
import { TransactionWrite } from './transaction.js';

const MODIFY_TRIES = 10;
const MODIFY_DELAY_MS = 5;
const QUERY_ALL_PAGE = 250;

/** What a table needs of its connection. */
export interface TableConnection {
  readonly client: DynamoDB;
  /** For messages. */
  readonly address: string;
  /** Throws when nothing should be sent: closed, or the embedded database gave up. */
  checkOpen(): void;
}

/**
 * `Table` over dynamoose: its models make the tables, the items and the requests of one item. Requests are sent by the
 * SDK's client under it, and those of batches and queries are made here, because dynamoose hides what a batch left
 * unprocessed, chooses the index of a query by itself, and looks for a logger on disk at each request.
 */
export class DynamoTable<Item extends object> implements Table<Item> {
  constructor(
    readonly definition: TableDefinition<Item>,
    private readonly bound: TableModel,
    private readonly connection: TableConnection,
  ) {}

  async create(item: Item): Promise<Stored<Item>> {
    const { row, condition } = this.creation(item);
    return this.writeOnce(row, 'it exists already', async () => {
      await this.connection.client.putItem(await new this.bound.model(row).save({ condition, return: 'request' }));
      return row;
    });
  }

  async find(key: Key<Item>): Promise<Stored<Item> | null> {
    const row = await this.findRow(key);
    return row === null ? null : this.stored(row);
  }

  async update(current: Stored<Item>, change: Partial<Item>): Promise<Stored<Item>> {
    const { key, row, removed, condition } = this.replacement(current, change);
    return this.writeOnce({ ...row, ...key }, `it no longer has version ${current.version}`, async () => {
      const settings = { condition, returnValues: 'ALL_NEW', return: 'request' } as const;
      const request = await this.bound.model.update(key, { $SET: row, ...removed }, settings);
      const { Attributes = {} } = await this.connection.client.updateItem(request);
      return this.fromAttributes(Attributes);
    });
  }

  async modify(key: Key<Item>, change: (current: Stored<Item>) => Partial<Item> | null): Promise<Stored<Item> | null> {
    for (let tries = 1; ; tries++) {
      const current = await this.find(key);
      if (current === null) return null;
      const wanted = change(current);
      if (wanted === null) return current;
      try {
        return await this.update(current, wanted);
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT') || tries === MODIFY_TRIES) throw error;
        await delay(Math.random() * MODIFY_DELAY_MS * tries);
      }
    }
  }

  async put(item: Item): Promise<void> {
    const row = { ...this.checkedRow(item), [VERSION]: 1 };
    const request = await new this.bound.model(row).save({ return: 'request' });
    await this.run(async () => this.connection.client.putItem(request));
  }

  async putMany(items: readonly Item[]): Promise<void> {
    // One batch may not name a key twice; the last one wins, as if they were put one by one.
    const rows = new Map<string, Row>();
    for (const item of items) rows.set(this.keyText(item), { ...this.checkedRow(item), [VERSION]: 1 });
    await this.writeMany([...rows.values()], (row) => ({ PutRequest: { Item: this.toAttributes(row) } }));
  }

  async findMany(keys: readonly Key<Item>[]): Promise<Stored<Item>[]> {
    const unique = new Map(keys.map((key) => [this.keyText(key), keyOf(this.bound.definition, key)]));
    const keysOf = [...unique.values()].map((key) => this.toAttributes(key));
    const found = await readBatches(this.bound.tableName, keysOf, (request) =>
      this.run(async () => this.connection.client.batchGetItem(request)),
    );
    return found.map((item) => this.stored(this.fromAttributes(item)));
  }

  async delete(key: Key<Item>, version?: number): Promise<void> {
    const checked = keyOf(this.bound.definition, key);
    const condition = version === undefined ? undefined : absentOrAt(this.definition.partitionKey, version);
    try {
      const request = await this.bound.model.delete(checked, { condition, return: 'request' });
      await this.run(async () => this.connection.client.deleteItem(request));
    } catch (error) {
      throw isConditionFailure(error) ? this.conflict(checked, `it no longer has version ${version ?? 0}`) : error;
    }
  }

  async deleteMany(keys: readonly Key<Item>[]): Promise<void> {
    const unique = new Map(keys.map((key) => [this.keyText(key), keyOf(this.bound.definition, key)]));
    await this.writeMany([...unique.values()], (key) => ({ DeleteRequest: { Key: this.toAttributes(key) } }));
  }

  async query(query: Query<Item>): Promise<Page<Stored<Item>>> {
    const { rows, cursor } = await queryPage(this.bound, query, async (input) =>
      this.run(async () => this.connection.client.query(input)),
    );
    return { items: rows.map((row) => this.stored(row)), cursor };
  }

  async *queryAll(query: Omit<Query<Item>, 'limit' | 'cursor'>): AsyncIterable<Stored<Item>> {
    let cursor: string | null = null;
    do {
      const page: Page<Stored<Item>> = await this.query({ ...query, limit: QUERY_ALL_PAGE, cursor });
      yield* page.items;
      cursor = page.cursor;
    } while (cursor !== null);
  }

  toCreate(item: Item): PreparedWrite {
    const { row, condition } = this.creation(item);
    return new TransactionWrite(this.definition.name, keyOf(this.bound.definition, row), row[WRITE_ID], async () => ({
      Put: await new this.bound.model(row).save({ condition, return: 'request' }),
    }));
  }

  toUpdate(current: Stored<Item>, change: Partial<Item>): PreparedWrite {
    const { key, row, removed, condition } = this.replacement(current, change);
    return new TransactionWrite(this.definition.name, key, row[WRITE_ID], async () => {
      const settings = { condition, return: 'request' as const };
      const { UpdateExpression = '', ...request } = await this.bound.model.update(
        key,
        { $SET: row, ...removed },
        settings,
      );
      // Asked for by dynamoose, unknown to transactions.
      delete request.ReturnValues;
      return { Update: { UpdateExpression, ...request } };
    });
  }

  toDelete(current: Stored<Item>): PreparedWrite {
    const key = keyOf(this.bound.definition, current);
    const condition = new dynamoose.Condition().attribute(VERSION).eq(current.version);
    return new TransactionWrite(this.definition.name, key, null, async () => ({
      Delete: await this.bound.model.delete(key, { condition, return: 'request' }),
    }));
  }

  private checkedRow(item: object): Row {
    keyOf(this.bound.definition, item);
    const row = toRow(this.bound.definition, item);
    checkIndexKeys(this.bound.definition, row);
    checkSize(this.bound.definition, row);
    return row;
  }

  private creation(item: Item): { row: ConditionalRow; condition: DynamooseCondition } {
    const row = { ...this.checkedRow(item), [VERSION]: 1, [WRITE_ID]: newWriteId() };
    return { row, condition: new dynamoose.Condition().attribute(this.definition.partitionKey).not().exists() };
  }

  private replacement(
    current: Stored<Item>,
    change: Partial<Item>,
  ): {
    key: Record<string, string | number>;
    row: ConditionalRow;
    removed: { $REMOVE?: string[] };
    condition: DynamooseCondition;
  } {
    const { definition } = this.bound;
    const key = keyOf(definition, current);
    for (const name of Object.keys(key)) {
      if (name in change && change[name as keyof Item] !== current[name as keyof Item]) {
        throw new Error(`table ${definition.name}: "${name}" is part of the key and cannot change`);
      }
    }
    const changed = toRow(definition, change);
    const removed = Object.keys(change).filter((name) => !(name in changed));
    for (const name of Object.keys(key)) delete changed[name];
    const { version, ...rest } = current;
    const after: Row = { ...toRow(definition, rest), ...changed };
    for (const name of removed) delete after[name];
    checkIndexKeys(definition, after);
    checkSize(definition, after);
    return {
      key,
      row: { ...changed, [VERSION]: version + 1, [WRITE_ID]: newWriteId() },
      removed: removed.length > 0 ? { $REMOVE: removed } : {},
      condition: new dynamoose.Condition().attribute(VERSION).eq(version),
    };
  }

  /** A conditional write, and what its failure means: somebody was faster, unless it was our own first attempt. */
  private async writeOnce(
    row: ConditionalRow,
    reason: string,
    write: () => Promise<Readonly<Record<string, unknown>>>,
  ): Promise<Stored<Item>> {
    try {
      return this.stored(await this.run(write));
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      if (wasRetried(error)) {
        const found = await this.findRow(row);
        if (found !== null && found[WRITE_ID] === row[WRITE_ID]) return this.stored(found);
      }
      throw this.conflict(keyOf(this.bound.definition, row), reason);
    }
  }

  private async findRow(key: object): Promise<Row | null> {
    const settings = { consistent: true, return: 'request' } as const;
    const request = await this.bound.model.get(keyOf(this.bound.definition, key), settings);
    const { Item } = await this.run(async () => this.connection.client.getItem(request));
    return Item === undefined ? null : this.fromAttributes(Item);
  }

  private writeMany<T extends Row>(rows: T[], requestOf: (row: T) => BatchWrite): Promise<void> {
    return writeBatches(this.bound.tableName, rows, { bytesOf: rowBytes, requestOf }, (request) =>
      this.run(async () => this.connection.client.batchWriteItem(request)),
    );
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    this.connection.checkOpen();
    try {
      return await work();
    } catch (error) {
      // Supervision may have given up while we waited: its reason says more than a refused connection.
      this.connection.checkOpen();
      throw storageError(error, this.connection.address);
    }
  }

  private conflict(key: object, reason: string): TrainyardError {
    return new TrainyardError(
      'CONFLICT',
      `${this.definition.name} ${Object.values(key).join('/')} was not written, ${reason}: read it again and repeat the change`,
      { table: this.definition.name, key },
    );
  }

  private keyText(item: object): string {
    return JSON.stringify(Object.values(keyOf(this.bound.definition, item)));
  }

  private toAttributes(row: Row): Record<string, AttributeValue> {
    return this.bound.model.Item.objectToDynamo(row);
  }

  private fromAttributes(item: Record<string, AttributeValue>): Row {
    return this.bound.model.Item.fromDynamo(item);
  }

  private stored(row: Readonly<Record<string, unknown>>): Stored<Item> {
    return fromRow(this.bound.definition, row) as Stored<Item>;
  }
}

type ConditionalRow = Row & { [WRITE_ID]: string };
type DynamooseCondition = InstanceType<typeof dynamoose.Condition>;

function newWriteId(): string {
  return randomBytes(6).toString('base64url');
}

/** Absent counts as deleted, so a retried delete does not fail against its own first attempt. */
function absentOrAt(partitionKey: string, version: number): InstanceType<typeof dynamoose.Condition> {
  return new dynamoose.Condition().attribute(VERSION).eq(version).or().attribute(partitionKey).not().exists();
}
