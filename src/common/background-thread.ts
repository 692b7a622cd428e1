import { constants, setPriority } from 'node:os';

/**
 * Called by a worker thread that computes: the thread that answers requests goes first when cores are short (10 of 110
 * parts of a core are left to this one, where the lowest priority would leave 1 of 70 and starve a training). Linux
 * gives each thread a priority of its own; elsewhere the call would slow the whole process, so there it does nothing.
 */
export function runInBackground(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
