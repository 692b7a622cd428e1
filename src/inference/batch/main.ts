import { parentPort, workerData } from 'node:worker_threads';
import { runInBackground } from '../../common/background-thread.js';
import { encodeError } from '../../common/errors/index.js';
import type { BatchJob } from './protocol.js';
import { runBatch } from './run-batch.js';

/** The thread of one batch forecast: runs its job and ends. */
const port = parentPort;
if (port === null) throw new Error('a batch forecast runs in a worker thread');
runInBackground();

const { cancelFlag, ...order } = workerData as BatchJob;
const flag = new Int32Array(cancelFlag);
try {
  await runBatch(
    order,
    () => Atomics.load(flag, 0) !== 0,
    (message) => port.postMessage(message),
  );
} catch (error) {
  port.postMessage({ type: 'failed', error: encodeError(error) });
}
