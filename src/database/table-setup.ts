import { setTimeout as delay } from 'node:timers/promises';
import type { CreateTableCommandInput, DynamoDB, KeySchemaElement, TableDescription } from '@aws-sdk/client-dynamodb';
import { TrainyardError } from '../common/errors/index.js';
import type { AnyTableDefinition } from './item-codec.js';
import type { TableModel } from './table-model.js';

/** Creates the table and its indexes as far as they are missing; when it returns, they can be used. */
export async function setUpTable(client: DynamoDB, bound: TableModel, pollMs: number): Promise<void> {
  const { tableName, definition } = bound;
  if ((await find(client, tableName)) === null) {
    // Typed as void, which is what it gives without the setting.
    const request = (await bound.table.create({ return: 'request' })) as unknown as CreateTableCommandInput;
    await client.createTable(request).catch((error: Error) => {
      // Another service creates it at the same moment.
      if (error.name !== 'ResourceInUseException') throw error;
    });
  }
  while ((await find(client, tableName))?.TableStatus !== 'ACTIVE') await delay(pollMs);
  await addMissingIndexes(client, tableName, definition, pollMs);
}

/** `CONFIG_INVALID` when the table is missing or has other keys or indexes than the definition. */
export async function verifyTable(client: DynamoDB, tableName: string, definition: AnyTableDefinition): Promise<void> {
  const table = await get(client, tableName);
  const expected = [
    { what: 'the table', keys: [definition.partitionKey, definition.sortKey], found: table.KeySchema },
    ...(definition.indexes ?? []).map((index) => ({
      what: `index ${index.name}`,
      keys: [index.partitionKey, index.sortKey],
      found: findIndex(table, index.name)?.KeySchema,
    })),
  ];
  for (const { what, keys, found } of expected) {
    const wanted = keys.filter((name) => name !== undefined).join(', ');
    const there = found === undefined ? 'missing' : namesOf(found).join(', ');
    if (there !== wanted) {
      throw new TrainyardError(
        'CONFIG_INVALID',
        `table "${tableName}" does not fit this version: the keys of ${what} are ${wanted} here and ${there} there; ` +
          'use another TRAINYARD_TABLE_PREFIX, or change the table',
        { table: tableName, wanted, found: there },
      );
    }
  }
}

/**
 * Adds the indexes that a newer version defines to a table that an older one made. One at a time, as DynamoDB demands;
 * existing items appear in it when it is active.
 */
async function addMissingIndexes(
  client: DynamoDB,
  tableName: string,
  definition: AnyTableDefinition,
  pollMs: number,
): Promise<void> {
  for (const index of definition.indexes ?? []) {
    const table = await get(client, tableName);
    if (findIndex(table, index.name) === undefined) {
      await client
        .updateTable({
          TableName: tableName,
          AttributeDefinitions: [index.partitionKey, index.sortKey].map((name) => ({
            AttributeName: name,
            AttributeType: definition.attributes[name] === 'number' ? 'N' : 'S',
          })),
          GlobalSecondaryIndexUpdates: [
            {
              Create: {
                IndexName: index.name,
                KeySchema: [
                  { AttributeName: index.partitionKey, KeyType: 'HASH' },
                  { AttributeName: index.sortKey, KeyType: 'RANGE' },
                ],
                Projection: { ProjectionType: 'ALL' },
              },
            },
          ],
        })
        .catch(async (error: Error) => {
          // Another service adds it at the same moment; DynamoDB and its stand-ins name that differently.
          if (findIndex(await get(client, tableName), index.name) === undefined) throw error;
        });
    }
    while (findIndex(await get(client, tableName), index.name)?.IndexStatus !== 'ACTIVE') await delay(pollMs);
  }
}

async function get(client: DynamoDB, tableName: string): Promise<TableDescription> {
  const table = await find(client, tableName);
  if (table !== null) return table;
  throw new TrainyardError(
    'CONFIG_INVALID',
    `table "${tableName}" does not exist: create it, or set TRAINYARD_CREATE_TABLES=true to have it created`,
    { table: tableName },
  );
}

async function find(client: DynamoDB, tableName: string): Promise<TableDescription | null> {
  try {
    return (await client.describeTable({ TableName: tableName })).Table ?? null;
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return null;
    throw error;
  }
}

function findIndex(
  table: TableDescription,
  name: string,
): NonNullable<TableDescription['GlobalSecondaryIndexes']>[number] | undefined {
  return table.GlobalSecondaryIndexes?.find((index) => index.IndexName === name);
}

/** Partition key first. */
function namesOf(schema: readonly KeySchemaElement[]): string[] {
  const ordered = [...schema].sort((a, b) => Number(b.KeyType === 'HASH') - Number(a.KeyType === 'HASH'));
  return ordered.map((element) => element.AttributeName ?? '');
}
