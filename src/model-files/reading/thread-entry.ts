import { parentPort, workerData } from 'node:worker_threads';
import { runInBackground } from '../../common/background-thread.js';
import { encodeError } from '../../common/errors/index.js';
import { readModelFile } from '../../ml/import/model-file.js';
import type { ReadingAnswer } from './protocol.js';

const port = parentPort;
if (port === null) throw new Error('model files are read in a worker thread');
runInBackground();

const answer: ReadingAnswer = await readModelFile(workerData as Uint8Array).then(
  ({ summary }) => ({ type: 'read', summary }),
  (error: unknown) => ({ type: 'failed', error: encodeError(error) }),
);
port.postMessage(answer);
