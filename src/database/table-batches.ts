import type {
  AttributeValue,
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  BatchWriteItemCommandInput,
  BatchWriteItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { inParallel } from '../common/in-parallel.js';
import { sendAll, splitBatches } from './batch.js';

const WRITE_BATCH = 25;
const READ_BATCH = 100;
/** DynamoDB takes 16 MiB a batch; base64 and names in the request body need their share. */
const BATCH_BYTES = 8 * 1024 * 1024;
const BATCHES_AT_ONCE = 4;

type Attributes = Record<string, AttributeValue>;
export type BatchWrite = NonNullable<BatchWriteItemCommandInput['RequestItems']>[string][number];

/** What is found of `keys`, in no order; each may be named once. What a batch left unread is asked for again. */
export async function readBatches(
  table: string,
  keys: readonly Attributes[],
  read: (request: BatchGetItemCommandInput) => Promise<BatchGetItemCommandOutput>,
): Promise<Attributes[]> {
  const found: Attributes[] = [];
  const batches = splitBatches([...keys], READ_BATCH, Infinity, () => 0);
  await inParallel(batches, BATCHES_AT_ONCE, async (batch) =>
    sendAll(batch, async (Keys) => {
      const answer = await read({ RequestItems: { [table]: { Keys, ConsistentRead: true } } });
      found.push(...(answer.Responses?.[table] ?? []));
      return answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }),
  );
  return found;
}

/** Writes or deletes rows, each key named once. What a batch left unwritten is sent again. */
export async function writeBatches<Row>(
  table: string,
  rows: Row[],
  { bytesOf, requestOf }: { readonly bytesOf: (row: Row) => number; readonly requestOf: (row: Row) => BatchWrite },
  write: (request: BatchWriteItemCommandInput) => Promise<BatchWriteItemCommandOutput>,
): Promise<void> {
  await inParallel(splitBatches(rows, WRITE_BATCH, BATCH_BYTES, bytesOf), BATCHES_AT_ONCE, async (batch) =>
    sendAll(batch.map(requestOf), async (requests) => {
      const answer = await write({ RequestItems: { [table]: requests } });
      return answer.UnprocessedItems?.[table] ?? [];
    }),
  );
}
