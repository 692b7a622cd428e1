import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '../../common/clock.js';
import { encodeError } from '../../common/errors/index.js';
import { MLRunner } from '../ml-runner.js';
import type { TrainingJob, TrainingMessage } from './protocol.js';

/** What a training has of the service that started it, whatever it runs in. */
export interface TrainingPort {
  isCancelled(): boolean;
  post(message: TrainingMessage): void;
}

/** Runs the job and answers once. */
export async function runTraining(job: TrainingJob, port: TrainingPort): Promise<void> {
  try {
    const result = await new MLRunner(job, {
      now: () => systemClock.now(),
      isCancelled: () => port.isCancelled(),
      breathe: () => nextTurn(),
      send: (news) => port.post(news),
    }).train();
    port.post({ type: 'result', result });
  } catch (error) {
    port.post({ type: 'failed', error: encodeError(error) });
  }
}
