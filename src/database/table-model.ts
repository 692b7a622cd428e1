import { randomUUID } from 'node:crypto';
import dynamoose from 'dynamoose';
import type { AnyItem } from 'dynamoose/dist/Item.js';
import type { ModelType } from 'dynamoose/dist/General.js';
import type { SchemaDefinition } from 'dynamoose/dist/Schema.js';
import type { Table as DynamooseTable } from 'dynamoose/dist/Table/index.js';
import { VERSION, WRITE_ID, type AnyTableDefinition } from './item-codec.js';
import type { AttributeType } from './table.js';

/** One definition bound to one connection. */
export interface TableModel {
  readonly definition: AnyTableDefinition;
  /** With the prefix. */
  readonly tableName: string;
  readonly model: ModelType<AnyItem>;
  readonly table: DynamooseTable;
}

const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;
const TYPES: Readonly<Record<AttributeType, StringConstructor | NumberConstructor | BooleanConstructor>> = {
  string: String,
  number: Number,
  boolean: Boolean,
  json: String,
};

export function bindDefinition(
  connection: InstanceType<typeof dynamoose.Instance>,
  definition: AnyTableDefinition,
  prefix: string,
): TableModel {
  checkDefinition(definition);
  const tableName = prefix + definition.name;
  if (!NAME.test(tableName)) {
    throw new Error(`table name "${tableName}" must have 3 to 255 letters, digits, "-", "_" or "."`);
  }
  // dynamoose keeps models in one list for the whole process and joins those of one name: ours must never meet.
  const model = dynamoose.model<AnyItem>(`${tableName}#${randomUUID()}`, schemaOf(definition));
  // Creating is ours: once dynamoose's own set-up fails, for example against a second service that is faster, its
  // tables wait for it forever.
  const options = { create: false, waitForActive: false, throughput: 'ON_DEMAND' as const };
  const table = new connection.Table(tableName, [model], options);
  return { definition, tableName, model, table };
}

function checkDefinition({ name, attributes, partitionKey, sortKey, indexes = [] }: AnyTableDefinition): void {
  for (const reserved of [VERSION, WRITE_ID]) {
    if (reserved in attributes)
      throw new Error(`table ${name}: "${reserved}" belongs to the database layer, name the attribute differently`);
  }
  const keys = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  for (const key of keys) {
    if (key === undefined) continue;
    const type = attributes[key];
    if (type !== 'string' && type !== 'number') {
      throw new Error(
        `table ${name}: key attribute "${key}" is ${type ?? 'not declared'}, it must be a string or a number`,
      );
    }
  }
}

function schemaOf(definition: AnyTableDefinition): InstanceType<typeof dynamoose.Schema> {
  const schema: SchemaDefinition = { [VERSION]: { type: Number }, [WRITE_ID]: { type: String } };
  for (const [name, type] of Object.entries(definition.attributes)) {
    const indexes = (definition.indexes ?? [])
      .filter((index) => index.partitionKey === name)
      .map((index) => ({ name: index.name, type: 'global' as const, rangeKey: index.sortKey, project: true }));
    schema[name] = {
      type: TYPES[type],
      hashKey: name === definition.partitionKey,
      rangeKey: name === definition.sortKey,
      ...(indexes.length > 0 ? { index: indexes } : {}),
    };
  }
  return new dynamoose.Schema(schema);
}
