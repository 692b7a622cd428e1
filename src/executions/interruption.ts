import type { ExecutionError } from './execution.js';
import type { NewExecutionEvent } from './execution-events.js';
import type { Change } from './execution-journal.js';
import type { ExecutionHead } from './execution-head.js';
import { assertTransition } from './execution-transitions.js';

/** Deaths in a row without a new checkpoint after which an execution is taken to be what kills its process. */
export const MAX_INTERRUPTIONS_IN_VAIN = 5;

/**
 * What becomes of an execution whose run ended from outside: queued again, in the same write; cancelled, if that was
 * asked for; failed, if `counts` and it keeps dying without getting any further.
 */
export function interrupt(head: ExecutionHead, reason: string, counts: boolean, now: string): Change {
  const { executionId } = head;
  assertTransition(executionId, head.status, 'INTERRUPTED');
  const inVain = head.interruptionsInVain + (counts ? 1 : 0);
  const resumes =
    head.checkpointEpoch === null
      ? 'It starts again'
      : `It resumes from the checkpoint of epoch ${head.checkpointEpoch}`;
  const interrupted: NewExecutionEvent = { type: 'status', data: { from: head.status, status: 'INTERRUPTED' } };
  const common = {
    lease: null,
    progress: null,
    progressAt: null,
    interruptions: head.interruptions + 1,
    interruptionsInVain: inVain,
  };

  if (head.cancelRequested) {
    const error: ExecutionError = { code: 'CANCELLED', message: 'The execution was cancelled', details: {} };
    return {
      head: { ...common, status: 'CANCELLED', finishedAt: now, error },
      events: [
        interrupted,
        log('warn', `Interrupted: ${reason}. It was to be cancelled, and ends`),
        { type: 'status', data: { from: 'INTERRUPTED', status: 'CANCELLED' } },
        { type: 'failed', data: { status: 'CANCELLED', error } },
      ],
    };
  }
  if (inVain >= MAX_INTERRUPTIONS_IN_VAIN) {
    const error: ExecutionError = {
      code: 'INTERRUPTED_TOO_OFTEN',
      message: `The execution was interrupted ${inVain} times in a row without reaching a new checkpoint, the limit is ${MAX_INTERRUPTIONS_IN_VAIN}: look at the service's log for why its process ends, then clone the execution`,
      details: { interruptions: inVain, limit: MAX_INTERRUPTIONS_IN_VAIN, reason },
    };
    return {
      head: { ...common, status: 'FAILED', finishedAt: now, error },
      events: [
        interrupted,
        log('error', `Interrupted: ${reason}. ${error.message}`),
        { type: 'status', data: { from: 'INTERRUPTED', status: 'FAILED' } },
        { type: 'failed', data: { status: 'FAILED', error } },
      ],
    };
  }
  return {
    head: { ...common, status: 'QUEUED' },
    events: [
      interrupted,
      log('warn', `Interrupted: ${reason}. ${resumes} as soon as it is its turn`),
      { type: 'status', data: { from: 'INTERRUPTED', status: 'QUEUED' } },
    ],
  };
}

function log(level: 'warn' | 'error', message: string): NewExecutionEvent {
  return { type: 'log', data: { level, message } };
}
