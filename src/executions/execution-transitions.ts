import { TrainyardError } from '../common/errors/index.js';
import type { ExecutionStatus, RunningStatus } from './execution.js';

/**
 * Where an execution may go. An interrupted one is queued again, unless it was to be cancelled or keeps dying without
 * getting any further. `STOPPED` (budget) has passed evaluation and registration like any other: its result is kept.
 */
export const EXECUTION_TRANSITIONS: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  QUEUED: ['PREPARING', 'CANCELLED'],
  PREPARING: ['TRAINING', 'FAILED', 'CANCELLED', 'INTERRUPTED'],
  TRAINING: ['EVALUATING', 'FAILED', 'CANCELLED', 'INTERRUPTED'],
  EVALUATING: ['REGISTERING', 'FAILED', 'CANCELLED', 'INTERRUPTED'],
  REGISTERING: ['SUCCEEDED', 'STOPPED', 'FAILED', 'CANCELLED', 'INTERRUPTED'],
  INTERRUPTED: ['QUEUED', 'FAILED', 'CANCELLED'],
  SUCCEEDED: [],
  STOPPED: [],
  FAILED: [],
  CANCELLED: [],
};

export const RUNNING_STATUSES: readonly RunningStatus[] = ['PREPARING', 'TRAINING', 'EVALUATING', 'REGISTERING'];

export function isRunning(status: ExecutionStatus): status is RunningStatus {
  return (RUNNING_STATUSES as readonly ExecutionStatus[]).includes(status);
}

export function isTerminal(status: ExecutionStatus): boolean {
  return EXECUTION_TRANSITIONS[status].length === 0;
}

/** `TRANSITION_ILLEGAL` unless the table has it. */
export function assertTransition(executionId: string, from: ExecutionStatus, to: ExecutionStatus): void {
  const allowed = EXECUTION_TRANSITIONS[from];
  if (allowed.includes(to)) return;
  const choices = allowed.length === 0 ? `${from} is final` : `from ${from} it can go to ${allowed.join(', ')}`;
  throw new TrainyardError(
    'TRANSITION_ILLEGAL',
    `Execution ${executionId} cannot go from ${from} to ${to}: ${choices}`,
    {
      executionId,
      from,
      to,
      allowed,
    },
  );
}
