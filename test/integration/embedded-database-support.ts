import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ProcessEvent {
  readonly event: 'open' | 'written' | 'drained' | 'failed';
  readonly pid?: number;
  readonly address?: string;
  readonly id?: string;
  readonly number?: number;
  readonly sha256?: string;
  readonly code?: string;
  readonly message?: string;
}

/** Another process with the embedded database open, see support/database-process.mjs. */
export class ServiceProcess {
  readonly events: ProcessEvent[] = [];
  readonly exited: Promise<number | null>;
  readonly child: ChildProcess;
  private hasEnded = false;
  private readonly waiting: (() => void)[] = [];

  constructor(mode: 'write' | 'artifacts' | 'drain' | 'hold' | 'exit', dataDir: string) {
    const script = fileURLToPath(new URL('../support/database-process.mjs', import.meta.url));
    // Its own process group, so that a test can send it what a terminal sends on Ctrl-C.
    this.child = spawn(process.execPath, [script, mode, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.once('close', () => {
      this.hasEnded = true;
      for (const wake of this.waiting.splice(0)) wake();
    });
    createInterface(this.child.stdout!).on('line', (line) => {
      this.events.push(JSON.parse(line) as ProcessEvent);
      for (const wake of this.waiting.splice(0)) wake();
    });
  }

  /** The first event of the kind, now or later; so many of them when a count is given. */
  async until(event: ProcessEvent['event'], count = 1): Promise<ProcessEvent> {
    for (;;) {
      const found = this.events.filter((one) => one.event === event);
      if (found.length >= count) return found[count - 1]!;
      const failed = this.events.find((one) => one.event === 'failed');
      if (failed !== undefined) throw new Error(failed.message);
      if (this.hasEnded) throw new Error(`the process ended without "${event}"`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

/** Numbers of the processes that have the directory on their command line, this one not counted. */
export function processesOf(directory: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ');
        return command.includes(directory) ? [{ pid: Number(name), command }] : [];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}

/** Waits until the condition holds; fails with what it was after the time. */
export async function eventually<T>(
  timeoutMs: number,
  look: () => T | Promise<T>,
  holds: (value: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(value)} after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
