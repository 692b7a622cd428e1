import type { StoredExecutionEvent } from '../executions/index.js';
import type { EpochRecord } from '../ml/algorithms/algorithm.js';

/** The epochs of an execution, ascending. One that ran again after an interruption counts as it ran last. */
export async function recordedEpochs(events: AsyncIterable<StoredExecutionEvent>): Promise<EpochRecord[]> {
  const byEpoch = new Map<number, EpochRecord>();
  for await (const event of events) if (event.type === 'epoch') byEpoch.set(event.data.epoch, event.data);
  return [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch);
}
