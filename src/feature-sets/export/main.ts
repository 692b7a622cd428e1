import { parentPort, workerData } from 'node:worker_threads';
import { runInBackground } from '../../common/background-thread.js';
import { encodeError } from '../../common/errors/index.js';
import { makeFeatureTable, type FeatureTable, type FeatureTableOrder } from './feature-table.js';
import type { FeatureTableAnswer } from './protocol.js';

/** A thread that makes one table and ends. */
const port = parentPort;
if (port === null) throw new Error('a feature table is made in a worker thread');
runInBackground();

const answer = makeAnswer(workerData as FeatureTableOrder);
port.postMessage(answer, answer.type === 'made' ? buffersOf(answer.table) : []);

function makeAnswer(order: FeatureTableOrder): FeatureTableAnswer {
  try {
    return { type: 'made', table: makeFeatureTable(order) };
  } catch (error) {
    return { type: 'failed', error: encodeError(error) };
  }
}

/** Moved, not copied; columns may share one. */
function buffersOf({ times, columns }: FeatureTable): ArrayBuffer[] {
  return [...new Set([times, ...columns].map(({ buffer }) => buffer as ArrayBuffer))];
}
