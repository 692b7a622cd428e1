import { parentPort, workerData } from 'node:worker_threads';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runInBackground } from '../../common/background-thread.js';
import { systemClock } from '../../common/clock.js';
import { encodeError } from '../../common/errors/index.js';
import { MLRunner } from '../ml-runner.js';
import { transferableBuffers } from '../transferable-buffers.js';
import type { TrainingJob, TrainingMessage } from './protocol.js';

/** The thread of one training: runs the job it was started with, answers once, and ends. */
const port = parentPort;
if (port === null) throw new Error('a training worker runs in a worker thread');
runInBackground();

const job = workerData as TrainingJob;
const cancelFlag = new Int32Array(job.cancelFlag);

function post(message: TrainingMessage, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, [...transfer]);
}

try {
  const result = await new MLRunner(job, {
    now: () => systemClock.now(),
    isCancelled: () => Atomics.load(cancelFlag, 0) !== 0,
    breathe: () => nextTurn(),
    send: (news) => post(news),
  }).train();
  post({ type: 'result', result }, transferableBuffers(result));
} catch (error) {
  post({ type: 'failed', error: encodeError(error) });
}
