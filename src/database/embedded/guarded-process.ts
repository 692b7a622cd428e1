import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { TrainyardError } from '../../common/errors/index.js';
import { identify, isAlive, signal, type ProcessIdentity } from '../../common/process-identity.js';

/**
 * A server that outlives a killed parent is started by this shell, which holds one end of a pipe from us. When we die,
 * however we die, the kernel closes our end, `read` returns and the server is killed. The shell prints the number of
 * the server, ends when the server ends, with its status, and hands on a request to terminate.
 */
const GUARDIAN = `
exec 3<&0 </dev/null
"$@" >/dev/null 3<&- &
server=$!
( while read -r _; do :; done; kill -KILL "$server" ) <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&-
trap 'kill -TERM "$server"' TERM INT HUP
echo "$server"
exec >/dev/null
wait "$server"
status=$?
while kill -0 "$server" 2>/dev/null; do wait "$server"; status=$?; done
kill -KILL "$watcher" 2>/dev/null
exit "$status"
`;

const ERROR_TEXT_LENGTH = 2_000;
const STOP_TIMEOUT_MS = 3_000;

export class GuardedProcess {
  /** Resolves once guardian and server are both gone, with what the server last wrote to standard error. */
  readonly exited: Promise<string>;
  private hasExited = false;

  private constructor(
    private readonly guardian: ChildProcess,
    readonly server: ProcessIdentity,
    exit: Promise<void>,
    errors: { text: string },
  ) {
    this.exited = exit.then(async () => {
      // The guardian may have been killed alone.
      await endForCertain(this.server);
      for (const pipe of [guardian.stdin, guardian.stdout, guardian.stderr]) pipe?.destroy();
      this.hasExited = true;
      return errors.text.trim();
    });
  }

  static async start(executable: string, args: readonly string[]): Promise<GuardedProcess> {
    // Its own session: Ctrl-C in the terminal must reach the service, which drains, and not the database under it.
    const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'trainyard-database', executable, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { PATH: process.env.PATH ?? '' },
    });
    const errors = { text: '' };
    guardian.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors.text = (errors.text + text).slice(-ERROR_TEXT_LENGTH);
    });
    // Writing never happens; the pipe breaks when the guardian dies first.
    guardian.stdin.on('error', () => undefined);
    const exit = new Promise<void>((resolve) => guardian.once('exit', () => resolve()));
    const pid = await new Promise<number>((resolve, reject) => {
      guardian.once('error', reject);
      guardian.once('exit', () => reject(new Error(errors.text)));
      createInterface(guardian.stdout).once('line', (line) => resolve(Number(line)));
    }).catch((cause: Error) => {
      throw new TrainyardError(
        'DATABASE_START_FAILED',
        `the guardian of the embedded database did not start: ${cause.message}`,
        {},
        { cause },
      );
    });
    return new GuardedProcess(guardian, identify(pid), exit, errors);
  }

  get isRunning(): boolean {
    return !this.hasExited;
  }

  /** Asks the server to end, and makes it. */
  async stop(): Promise<void> {
    signal(this.server, 'SIGTERM');
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  kill(): void {
    signal(this.server, 'SIGKILL');
    this.guardian.stdin?.end();
  }
}

async function endForCertain(server: ProcessIdentity): Promise<void> {
  while (isAlive(server)) {
    signal(server, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
