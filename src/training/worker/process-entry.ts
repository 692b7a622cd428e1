import { Socket } from 'node:net';
import { runInBackground } from '../../common/background-thread.js';
import { receiveJob } from '../job-transfer.js';
import type { CancelMessage, TrainingMessage } from './protocol.js';

/**
 * The process of one training: loads what trainings need, waits for its job, runs it, answers once, and ends. A cancel
 * arrives between two calls of the engine, where the training lets messages through.
 */
const JOB_PIPE = 4;
const INTERRUPTED = 130;

if (process.send === undefined) throw new Error('a training process is started by the service');
process.title = 'trainyard training, waiting';
runInBackground();
// The service is gone, however it went: nobody wants the result.
process.on('disconnect', () => process.exit(INTERRUPTED));
// A Ctrl-C reaches the whole group of processes. The service waits for the next checkpoint, and ends this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

let isCancelled = false;
process.on('message', ({ type }: CancelMessage) => (isCancelled ||= type === 'cancel'));

let delivered: Promise<void> = Promise.resolve();
function post(message: TrainingMessage): void {
  delivered = new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

// Loaded at low priority, and after the handlers stand.
const [{ runTraining }, { openEngine }, { loadWhileWaiting }] = await Promise.all([
  import('./run-training.js'),
  import('../../ml/engine/open-engine.js'),
  import('./load-while-waiting.js'),
]);
// Where it cannot be had, the training that needs it says so.
await openEngine('auto').catch(() => undefined);

let hasJob = false;
const receiving = receiveJob(new Socket({ fd: JOB_PIPE, readable: true, writable: false })).finally(
  () => (hasJob = true),
);
await loadWhileWaiting(() => hasJob);
const job = await receiving;
if (job !== null) {
  process.title = `trainyard training ${job.executionId}`;
  await runTraining(job, { isCancelled: () => isCancelled, post });
  await delivered;
}
process.exit();
