import type { AttributeType } from './table.js';

/** A definition without its item type: what the layers below `Table` work with. */
export interface AnyTableDefinition {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly attributes: Readonly<Record<string, AttributeType>>;
  readonly indexes?: readonly { readonly name: string; readonly partitionKey: string; readonly sortKey: string }[];
}

export type StoredValue = string | number | boolean;
/** An item as the database keeps it: flat, `json` attributes as text. */
export type Row = Record<string, StoredValue>;

/** Counts the writes of an item; every table has it, no definition may use it. */
export const VERSION = 'version';
/** Names the last conditional write of an item, so that a write that was retried recognises itself. */
export const WRITE_ID = 'writeId';

/** DynamoDB refuses items above 409,600 bytes, names included; the rest is for what its own counting adds. */
export const ITEM_BYTES_LIMIT = 400_000;
const PARTITION_KEY_BYTES_LIMIT = 2_048;
const SORT_KEY_BYTES_LIMIT = 1_024;
/** Smallest magnitude that DynamoDB's numbers have, about; smaller ones would be refused far from their cause. */
const SMALLEST_NUMBER = 1e-129;

/**
 * Checks the values against the definition and flattens them. Every fault here is a programming error, so these are
 * plain errors: an undeclared attribute, a value of another type, a number that the database cannot hold.
 */
export function toRow(definition: AnyTableDefinition, item: object): Row {
  const row: Row = {};
  for (const [name, value] of Object.entries(item) as [string, unknown][]) {
    const type = definition.attributes[name];
    if (name === VERSION || name === WRITE_ID)
      fault(definition, name, 'is counted by the database layer: leave it out');
    if (type === undefined) fault(definition, name, 'is not declared: add it to the table definition');
    if (value !== null && value !== undefined) row[name] = toStoredValue(definition, name, type, value);
  }
  return row;
}

export function fromRow(definition: AnyTableDefinition, row: Readonly<Record<string, unknown>>): object {
  const item: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(definition.attributes)) {
    const value = row[name];
    if (value === undefined || value === null) continue;
    item[name] = type === 'json' ? (JSON.parse(value as string) as unknown) : value;
  }
  item[VERSION] = row[VERSION];
  return item;
}

export function toStoredValue(
  definition: AnyTableDefinition,
  name: string,
  type: AttributeType,
  value: unknown,
): StoredValue {
  switch (type) {
    case 'json': {
      const problem = findNonJson(value, name);
      if (problem !== null) fault(definition, name, problem);
      return JSON.stringify(value);
    }
    case 'number':
      if (typeof value !== 'number') break;
      if (!Number.isFinite(value))
        fault(definition, name, `is ${value}, which the database cannot hold: store it as json text`);
      if (Math.abs(value) > Number.MAX_SAFE_INTEGER || (value !== 0 && Math.abs(value) < SMALLEST_NUMBER)) {
        fault(definition, name, `is ${value}, outside what the database holds exactly: declare the attribute as json`);
      }
      return value;
    case 'string':
    case 'boolean':
      if (typeof value === type) return value as StoredValue;
      break;
  }
  return fault(definition, name, `has a value of type ${typeof value}, declared is ${type}`);
}

/** What would not come back from JSON as it went in: NaN would be null, a typed array an object, a Date a text. */
function findNonJson(value: unknown, path: string): string | null {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : `holds ${value} at ${path}, which JSON does not have`;
  if (typeof value !== 'object') return `holds a ${typeof value} at ${path}, which JSON does not have`;
  if (Array.isArray(value)) return firstProblem(value.entries(), path);
  const tag = Object.prototype.toString.call(value);
  if (tag !== '[object Object]') return `holds ${tag} at ${path}, which JSON does not have`;
  return firstProblem(Object.entries(value), path);
}

function firstProblem(entries: Iterable<readonly [string | number, unknown]>, path: string): string | null {
  for (const [key, value] of entries) {
    const problem = findNonJson(value, `${path}.${key}`);
    if (problem !== null) return problem;
  }
  return null;
}

/** The key attributes of an item or key, complete and within the database's limits. */
export function keyOf(definition: AnyTableDefinition, item: object): Record<string, string | number> {
  const key: Record<string, string | number> = {};
  for (const name of keyNames(definition)) {
    const value = (item as Record<string, unknown>)[name];
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') {
      fault(
        definition,
        name,
        `is part of the key and is ${JSON.stringify(value) ?? 'missing'}: give a text or a number`,
      );
    }
    toStoredValue(definition, name, definition.attributes[name] ?? 'string', value);
    const limit = name === definition.partitionKey ? PARTITION_KEY_BYTES_LIMIT : SORT_KEY_BYTES_LIMIT;
    const bytes = Buffer.byteLength(String(value));
    if (bytes > limit) fault(definition, name, `is part of the key and has ${bytes} bytes, the limit is ${limit}`);
    key[name] = value;
  }
  return key;
}

export function keyNames(definition: AnyTableDefinition): string[] {
  return definition.sortKey === undefined ? [definition.partitionKey] : [definition.partitionKey, definition.sortKey];
}

/** Bytes as DynamoDB counts them: names and texts as UTF-8, numbers about half a byte per digit, at most 21. */
export function rowBytes(row: Row): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(row)) bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
}

/** Keys of indexes have the limits of keys, where the item has them at all; the embedded server alone would let them pass. */
export function checkIndexKeys(definition: AnyTableDefinition, row: Row): void {
  for (const index of definition.indexes ?? []) {
    for (const name of [index.partitionKey, index.sortKey]) {
      const value = row[name];
      if (value === undefined) continue;
      if (value === '')
        fault(definition, name, `is a key of index ${index.name} and is empty: leave it out, or give a text`);
      const limit = name === index.partitionKey ? PARTITION_KEY_BYTES_LIMIT : SORT_KEY_BYTES_LIMIT;
      const bytes = Buffer.byteLength(String(value));
      if (bytes > limit)
        fault(definition, name, `is a key of index ${index.name} and has ${bytes} bytes, the limit is ${limit}`);
    }
  }
}

export function checkSize(definition: AnyTableDefinition, row: Row): void {
  const bytes = rowBytes(row);
  if (bytes <= ITEM_BYTES_LIMIT) return;
  const sizes = Object.entries(row).map(([name, value]) => ({ name, bytes: valueBytes(value) }));
  const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  throw new Error(
    `an item of table ${definition.name} has ${bytes} bytes, the limit is ${ITEM_BYTES_LIMIT}; its largest attribute is ` +
      `"${largest.name}" with ${largest.bytes}: store large content as an artifact or as several items`,
  );
}

function valueBytes(value: StoredValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return typeof value === 'number' ? 21 : 1;
}

function fault(definition: AnyTableDefinition, name: string, problem: string): never {
  throw new Error(`table ${definition.name}: attribute "${name}" ${problem}`);
}
