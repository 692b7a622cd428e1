import { setTimeout as delay } from 'node:timers/promises';
import type { DynamoDB, TransactWriteItem, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TrainyardError } from '../common/errors/index.js';
import { WRITE_ID } from './item-codec.js';
import { wasRetried } from './storage-error.js';
import type { PreparedWrite } from './table.js';

const MAXIMUM_WRITES = 100;
const COLLISION_TRIES = 8;
const COLLISION_DELAY_MS = 10;

export class TransactionWrite implements PreparedWrite {
  constructor(
    readonly table: string,
    readonly key: Readonly<Record<string, string | number>>,
    /** What the item carries once the write is done; a deletion leaves nothing behind. */
    readonly writeId: string | null,
    readonly request: () => Promise<TransactWriteItem>,
  ) {}
}

/**
 * Sends the writes as one transaction. Two transactions on one item collide even when both could succeed one after
 * the other; the database then cancels one of them, which is sent again. A failed condition is final.
 */
export async function sendTransaction(client: DynamoDB, writes: readonly PreparedWrite[]): Promise<void> {
  const ours = writes.map((write) => {
    if (write instanceof TransactionWrite) return write;
    throw new Error(`the write of table ${write.table} was not prepared by a table of this database`);
  });
  if (ours.length === 0) return;
  if (ours.length > MAXIMUM_WRITES)
    throw new Error(`a transaction has at most ${MAXIMUM_WRITES} writes, not ${ours.length}`);
  const TransactItems = await Promise.all(ours.map(async (write) => write.request()));
  for (let tries = 1; ; tries++) {
    try {
      await client.transactWriteItems({ TransactItems });
      return;
    } catch (error) {
      const codes = cancellationCodes(error);
      const failed = codes.indexOf('ConditionalCheckFailed');
      if (failed >= 0) {
        if (wasRetried(error) && (await wasApplied(client, ours, TransactItems))) return;
        throw conflict(ours[failed] as TransactionWrite);
      }
      if (!codes.includes('TransactionConflict')) throw error;
      if (tries === COLLISION_TRIES) throw conflict(ours[codes.indexOf('TransactionConflict')] as TransactionWrite);
      await delay(Math.random() * COLLISION_DELAY_MS * 2 ** tries);
    }
  }
}

/** One reason per write, in their order; empty for any other failure. */
function cancellationCodes(error: unknown): string[] {
  const cancelled = error as TransactionCanceledException;
  if (cancelled.name !== 'TransactionCanceledException') return [];
  return (cancelled.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None');
}

/** All or none: one item that carries our mark proves that an attempt whose answer was lost went through. */
async function wasApplied(
  client: DynamoDB,
  writes: readonly TransactionWrite[],
  items: readonly TransactWriteItem[],
): Promise<boolean> {
  const at = writes.findIndex(({ writeId }) => writeId !== null);
  const tableName = items[at]?.Put?.TableName ?? items[at]?.Update?.TableName;
  if (tableName === undefined) return false;
  const Key = Object.fromEntries(
    Object.entries(writes[at]?.key ?? {}).map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : { S: value },
    ]),
  );
  const { Item } = await client.getItem({ TableName: tableName, Key, ConsistentRead: true });
  return Item?.[WRITE_ID]?.S === writes[at]?.writeId;
}

function conflict(write: TransactionWrite): TrainyardError {
  return new TrainyardError(
    'CONFLICT',
    `nothing was written: ${write.table} ${Object.values(write.key).join('/')} was changed by somebody else meanwhile; read it again and repeat the change`,
    { table: write.table, key: write.key },
  );
}
