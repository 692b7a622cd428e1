import { parentPort, workerData } from 'node:worker_threads';
import { runInBackground } from '../../common/background-thread.js';
import { transferableBuffers } from '../transferable-buffers.js';
import type { ThreadJob } from './protocol.js';
import { runTraining } from './run-training.js';

/** The thread of one training: runs the job it was started with, answers once, and ends. */
const port = parentPort;
if (port === null) throw new Error('a training worker runs in a worker thread');
runInBackground();

const { cancelFlag, ...job } = workerData as ThreadJob;
const flag = new Int32Array(cancelFlag);

await runTraining(job, {
  isCancelled: () => Atomics.load(flag, 0) !== 0,
  // What the news hold is still in use here; a result is the last that is said.
  post: (message) => port.postMessage(message, message.type === 'result' ? transferableBuffers(message.result) : []),
});
