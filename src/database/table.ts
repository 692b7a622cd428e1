import type { Page } from '../common/page.js';

/** How an attribute is stored. `json` is kept as a JSON string: nested data comes back exactly as it went in. */
export type AttributeType = 'string' | 'number' | 'boolean' | 'json';

export interface IndexDefinition<Item> {
  readonly name: string;
  readonly partitionKey: keyof Item & string;
  readonly sortKey: keyof Item & string;
}

/**
 * One table as data: what the ORM, the start-up check and the tests read. `name` is without the prefix. Attributes
 * whose value is null or undefined are not written; reading gives undefined, so entities use optional fields.
 */
export interface TableDefinition<Item extends object> {
  readonly name: string;
  readonly partitionKey: keyof Item & string;
  readonly sortKey?: keyof Item & string;
  readonly attributes: { readonly [Key in keyof Item]-?: AttributeType };
  readonly indexes?: readonly IndexDefinition<Item>[];
}

/** An item as read: `version` counts the writes, from 1, and is what conditional writes compare. */
export type Stored<Item> = Item & { readonly version: number };

export type SortCondition =
  | { readonly equals: string | number }
  | { readonly beginsWith: string }
  | { readonly between: readonly [string | number, string | number] }
  | { readonly greaterThan: string | number }
  | { readonly lessThan: string | number };

export interface Query<Item> {
  /** An index of the definition; without it the table itself. */
  readonly index?: string;
  readonly partition: string;
  readonly sort?: SortCondition;
  /** Attributes that must be equal. Applied after the read: pages are refilled until `limit` items match or data ends. */
  readonly where?: Partial<Item>;
  readonly descending?: boolean;
  /** At most this many items; default 50, maximum 1,000. */
  readonly limit?: number;
  readonly cursor?: string | null;
}

export type Key<Item> = Partial<Item>;

/** A conditional write that `Database.transact` does together with others, of this or other tables. */
export interface PreparedWrite {
  readonly table: string;
  readonly key: Readonly<Record<string, string | number>>;
}

/**
 * Reads and writes of one table. All reads by key are strongly consistent. Every write that two parties may compete
 * for is conditional; a lost race is a `CONFLICT`, never a silent overwrite.
 */
export interface Table<Item extends object> {
  readonly definition: TableDefinition<Item>;
  /** Writes a new item; `CONFLICT` when its key exists. */
  create(item: Item): Promise<Stored<Item>>;
  find(key: Key<Item>): Promise<Stored<Item> | null>;
  /** Writes `change` over the item of that version and counts the version up; `CONFLICT` when it has another one. */
  update(current: Stored<Item>, change: Partial<Item>): Promise<Stored<Item>>;
  /** Reads, applies `change` and writes conditionally, again from the start after a conflict, up to ten times. */
  modify(key: Key<Item>, change: (current: Stored<Item>) => Partial<Item> | null): Promise<Stored<Item> | null>;
  /** Unconditional write for items that one party owns (log lines, epochs, chunks). */
  put(item: Item): Promise<void>;
  /** As `put`, split into batches of 25, unprocessed ones retried with back-off. */
  putMany(items: readonly Item[]): Promise<void>;
  /** In no particular order; split into batches of 100; missing keys are left out. */
  findMany(keys: readonly Key<Item>[]): Promise<Stored<Item>[]>;
  /** With `version`, only that one: `CONFLICT` otherwise. Deleting what is not there is not an error. */
  delete(key: Key<Item>, version?: number): Promise<void>;
  deleteMany(keys: readonly Key<Item>[]): Promise<void>;
  query(query: Query<Item>): Promise<Page<Stored<Item>>>;
  /** Every item of the query, page by page. */
  queryAll(query: Omit<Query<Item>, 'limit' | 'cursor'>): AsyncIterable<Stored<Item>>;
  /** As `create`, for a transaction. */
  toCreate(item: Item): PreparedWrite;
  /** As `update`, for a transaction. */
  toUpdate(current: Stored<Item>, change: Partial<Item>): PreparedWrite;
  /** For a transaction: deletes exactly this version; an item that is missing or newer makes the transaction fail. */
  toDelete(current: Stored<Item>): PreparedWrite;
}
