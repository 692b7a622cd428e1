import { constants, setPriority } from 'node:os';

/**
 * Called by a worker thread that computes: the thread that answers requests goes first when cores are short. Linux
 * gives each thread a priority of its own; elsewhere the call would slow the whole process, so there it does nothing.
 */
export function runInBackground(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW);
}
