import { Worker } from 'node:worker_threads';
import { TrainyardError, decodeError } from '../../common/errors/index.js';
import type { FeatureTable, FeatureTableOrder } from './feature-table.js';
import type { FeatureTableAnswer } from './protocol.js';

const ENTRY = new URL('./main.js', import.meta.url);

/** `makeFeatureTable` in a thread of its own: steps may take seconds. `WORKER_DIED` when it ends without an answer. */
export async function makeInThread(order: FeatureTableOrder): Promise<FeatureTable> {
  const worker = new Worker(ENTRY, { workerData: order });
  const answer = await new Promise<FeatureTableAnswer>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new TrainyardError('WORKER_DIED', `The thread that made the table ended with code ${code}`, { code }));
    });
  });
  if (answer.type === 'failed') throw decodeError(answer.error);
  return answer.table;
}
