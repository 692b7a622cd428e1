import { readFileSync } from 'node:fs';

/**
 * One process for certain: numbers are reused (in a container the service is always number 1), a number together
 * with its start time is not.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot id and start in clock ticks since then; null where /proc does not exist, then the number alone decides. */
  readonly startedAt: string | null;
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: startOf(pid) };
}

export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  const found = startOf(pid);
  if (found !== null && startedAt !== null) return found === startedAt;
  if (startOf(process.pid) !== null) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Sends the signal if the process is still this one. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may contain anything; after it, the fields count from 3 (state); 22 is the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}:${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}
