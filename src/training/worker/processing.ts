import { parentPort } from 'node:worker_threads';
import { runInBackground } from '../../common/background-thread.js';
import { systemClock } from '../../common/clock.js';
import { encodeError } from '../../common/errors/index.js';
import { answerProcessing } from '../answer-processing.js';
import { transferableBuffers } from '../transferable-buffers.js';
import type { ProcessingRequest, ProcessingResponse } from './protocol.js';

/** A thread of the processing pool: answers one request after the other, and keeps nothing between them. */
const port = parentPort;
if (port === null) throw new Error('a processing worker runs in a worker thread');
runInBackground();

port.on('message', ({ id, task }: ProcessingRequest) => {
  let response: ProcessingResponse;
  try {
    response = { id, type: 'answer', answer: answerProcessing(task, () => systemClock.now()) };
  } catch (error) {
    response = { id, type: 'failed', error: encodeError(error) };
  }
  port.postMessage(response, transferableBuffers(response));
});
