import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  /** Its command line, or the title that it gave itself. */
  readonly title: string;
}

/** The children of a process; dead ones that nobody has waited for are left out. Reads /proc. */
export function childrenOf(parent: number): RunningProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    const found = read(pid);
    return found !== null && found.parent === parent ? [{ pid, title: found.title }] : [];
  });
}

export function isRunning(pid: number): boolean {
  return read(pid) !== null;
}

/** Children that train, apart from the spare one that waits for a job. */
export function trainingsOf(parent: number): RunningProcess[] {
  return childrenOf(parent).filter(({ title }) => title.startsWith('trainyard training exe_'));
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function read(pid: number): { readonly parent: number; readonly title: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    return { parent: Number(parent), title: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim() };
  } catch {
    return null;
  }
}
