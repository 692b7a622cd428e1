import type { AttributeValue, QueryCommandInput, QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { keyNames, toStoredValue, type AnyTableDefinition, type Row, type StoredValue } from './item-codec.js';
import { decodeCursor, encodeCursor, type StartKey } from './query-cursor.js';
import type { TableModel } from './table-model.js';
import type { Query, SortCondition } from './table.js';

const DEFAULT_LIMIT = 50;
const MAXIMUM_LIMIT = 1_000;
/** With a filter, so many items are read at a time, however few are wanted: a rare match must not cost a request each. */
const FILTERED_READ = 500;

interface Keys {
  readonly partition: string;
  readonly sort: string | undefined;
}

/**
 * One page, read on until `limit` items match or the data ends. One item more than wanted is looked for, so that the
 * cursor is null exactly on the last page; the cursor is the key of the last item given out.
 */
export async function queryPage<Item>(
  bound: TableModel,
  query: Query<Item>,
  send: (input: QueryCommandInput) => Promise<QueryCommandOutput>,
): Promise<{ rows: Row[]; cursor: string | null }> {
  const { definition } = bound;
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAXIMUM_LIMIT) {
    throw new Error(`table ${definition.name}: a query's limit is 1 to ${MAXIMUM_LIMIT}, not ${limit}`);
  }
  const keys = keysOf(definition, query.index);
  const expressions = new Expressions(definition);
  const filter = filterOf(definition, keys, query.where ?? {}, expressions);
  const input: QueryCommandInput = {
    TableName: bound.tableName,
    KeyConditionExpression: keyCondition(keys, query.partition, query.sort, expressions),
    ScanIndexForward: query.descending !== true,
    // An index cannot be read consistently.
    ...(query.index === undefined ? { ConsistentRead: true } : { IndexName: query.index }),
    ...(filter === '' ? {} : { FilterExpression: filter }),
  };
  const identity = [definition.name, query.index, query.partition, query.sort, query.where, query.descending === true];
  const start = query.cursor == null ? undefined : decodeCursor(identity, query.cursor);

  const rows: Row[] = [];
  let from: Record<string, AttributeValue> | undefined = start === undefined ? undefined : attributes(bound, start);
  do {
    const wanted = limit + 1 - rows.length;
    const answer: QueryCommandOutput = await send({
      ...input,
      ExpressionAttributeNames: expressions.names,
      ExpressionAttributeValues: attributes(bound, expressions.values),
      Limit: filter === '' ? wanted : Math.max(wanted, FILTERED_READ),
      ExclusiveStartKey: from,
    });
    for (const item of answer.Items ?? []) rows.push(bound.model.Item.fromDynamo(item));
    from = answer.LastEvaluatedKey;
  } while (from !== undefined && rows.length <= limit);

  if (rows.length <= limit) return { rows, cursor: null };
  const given = rows.slice(0, limit);
  return { rows: given, cursor: encodeCursor(identity, startKey(definition, keys, given[limit - 1] as Row)) };
}

function keysOf(definition: AnyTableDefinition, indexName: string | undefined): Keys {
  if (indexName === undefined) return { partition: definition.partitionKey, sort: definition.sortKey };
  const index = definition.indexes?.find(({ name }) => name === indexName);
  if (index === undefined) throw new Error(`table ${definition.name} has no index "${indexName}"`);
  return { partition: index.partitionKey, sort: index.sortKey };
}

function startKey(definition: AnyTableDefinition, keys: Keys, row: Row): StartKey {
  const names = new Set([...keyNames(definition), keys.partition, ...(keys.sort === undefined ? [] : [keys.sort])]);
  return Object.fromEntries([...names].map((name) => [name, row[name] as string | number]));
}

function keyCondition(keys: Keys, partition: string, sort: SortCondition | undefined, on: Expressions): string {
  const hash = `${on.name(keys.partition)} = ${on.value(keys.partition, partition)}`;
  if (sort === undefined) return hash;
  if (keys.sort === undefined) throw new Error(`table ${on.table} has no sort key to put a condition on`);
  const name = on.name(keys.sort);
  const value = (operand: string | number): string => on.value(keys.sort as string, operand);
  if ('equals' in sort) return `${hash} AND ${name} = ${value(sort.equals)}`;
  if ('beginsWith' in sort) return `${hash} AND begins_with(${name}, ${value(sort.beginsWith)})`;
  if ('between' in sort) return `${hash} AND ${name} BETWEEN ${value(sort.between[0])} AND ${value(sort.between[1])}`;
  if ('greaterThan' in sort) return `${hash} AND ${name} > ${value(sort.greaterThan)}`;
  return `${hash} AND ${name} < ${value(sort.lessThan)}`;
}

/** Undefined values ask for nothing, so that optional filters can be passed on as they come. */
function filterOf(definition: AnyTableDefinition, keys: Keys, where: object, on: Expressions): string {
  return Object.entries(where as Record<string, unknown>)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const type = definition.attributes[name];
      if (type === undefined)
        throw new Error(`table ${definition.name}: "where" names "${name}", which is not declared`);
      if (type === 'json')
        throw new Error(`table ${definition.name}: "where" cannot look into "${name}", which is json`);
      if (name === keys.partition || name === keys.sort) {
        throw new Error(
          `table ${definition.name}: "${name}" is a key of this query, use "partition" and "sort" for it`,
        );
      }
      return `${on.name(name)} = ${on.value(name, value)}`;
    })
    .join(' AND ');
}

/** Collects the names and values of the expressions under placeholders; many plain words are reserved. */
class Expressions {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, StoredValue> = {};

  constructor(private readonly definition: AnyTableDefinition) {}

  get table(): string {
    return this.definition.name;
  }

  name(attribute: string): string {
    const placeholder = `#n${Object.keys(this.names).length}`;
    this.names[placeholder] = attribute;
    return placeholder;
  }

  value(attribute: string, value: unknown): string {
    const placeholder = `:v${Object.keys(this.values).length}`;
    const type = this.definition.attributes[attribute] ?? 'string';
    this.values[placeholder] = toStoredValue(this.definition, attribute, type, value);
    return placeholder;
  }
}

function attributes(bound: TableModel, row: Row): Record<string, AttributeValue> {
  return bound.model.Item.objectToDynamo(row);
}
