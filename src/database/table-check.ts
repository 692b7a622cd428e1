import type { DynamoDB, KeySchemaElement } from '@aws-sdk/client-dynamodb';
import { TrainyardError } from '../common/errors/index.js';
import type { AnyTableDefinition } from './item-codec.js';

/** `CONFIG_INVALID` when the table is missing or has other keys or indexes than the definition. */
export async function verifyTable(client: DynamoDB, tableName: string, definition: AnyTableDefinition): Promise<void> {
  const { Table: table } = await client.describeTable({ TableName: tableName }).catch((error: Error) => {
    if (error.name !== 'ResourceNotFoundException') throw error;
    throw new TrainyardError(
      'CONFIG_INVALID',
      `table "${tableName}" does not exist: create it, or set TRAINYARD_CREATE_TABLES=true to have it created`,
      { table: tableName },
      { cause: error },
    );
  });
  const expected = [
    ['the table', definition.partitionKey, definition.sortKey] as const,
    ...(definition.indexes ?? []).map((index) => [`index ${index.name}`, index.partitionKey, index.sortKey] as const),
  ];
  for (const [what, partitionKey, sortKey] of expected) {
    const schema =
      what === 'the table'
        ? table?.KeySchema
        : table?.GlobalSecondaryIndexes?.find((index) => `index ${index.IndexName ?? ''}` === what)?.KeySchema;
    const wanted = [partitionKey, sortKey].filter((name) => name !== undefined).join(', ');
    const found = schema === undefined ? 'missing' : namesOf(schema).join(', ');
    if (found !== wanted) {
      throw new TrainyardError(
        'CONFIG_INVALID',
        `table "${tableName}" does not fit this version: the keys of ${what} are ${wanted} here and ${found} there; ` +
          'use another TRAINYARD_TABLE_PREFIX, or remove the table',
        { table: tableName, wanted, found },
      );
    }
  }
}

function namesOf(schema: readonly KeySchemaElement[]): string[] {
  const ordered = [...schema].sort((a, b) => (a.KeyType === 'HASH' ? 0 : 1) - (b.KeyType === 'HASH' ? 0 : 1));
  return ordered.map((element) => element.AttributeName ?? '');
}
