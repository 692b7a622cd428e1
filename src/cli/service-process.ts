import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ServiceProcess {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly pid: number;
  /** SIGKILL: no draining, no goodbye. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Asks it to drain and waits for its end; the exit code. */
  stop(): Promise<number | null>;
}

const START_TIMEOUT_MS = 120_000;

/** Starts the service as it is started in earnest, in a process of its own, and waits until it listens. */
export async function startService(environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Whoever started it may end without a goodbye; the service must not go on alone.
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  let complaints = '';
  child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  try {
    const url = await listeningUrl(child);
    child.stdout.resume();
    return {
      url,
      pid: child.pid ?? NaN,
      kill: async () => {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      },
      stop: async () => {
        if (child.exitCode !== null) return child.exitCode;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        const [code] = (await ended) as [number | null];
        return code;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`the service did not start: ${(error as Error).message}\n${complaints}`, { cause: error });
  }
}

function listeningUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${START_TIMEOUT_MS} ms`)), START_TIMEOUT_MS);
    let output = '';
    child.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
      const url = /Trainyard listens on (\S+)/.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`it ended with exit code ${code}`));
    });
  });
}
