import { setTimeout as delay } from 'node:timers/promises';
import { TrainyardError } from '../../common/errors/index.js';
import { DataDirectory } from './data-directory.js';
import { findExecutable } from './executable.js';
import { GuardedProcess } from './guarded-process.js';
import { freePort, probe } from './server-probe.js';

export type DatabaseReport = (level: 'log' | 'warn' | 'error', message: string) => void;

export interface EmbeddedDatabaseOptions {
  /** Belongs to this database alone; created when missing. */
  readonly directory: string;
  readonly report?: DatabaseReport;
  /** The binary; by default that of the installed package. */
  readonly executable?: string;
  readonly supervision?: Partial<Supervision>;
}

export interface Supervision {
  /** From start until the first answer. */
  readonly startTimeoutMs: number;
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
  /** So many silent probes in a row count as hung: the server is killed and started again. */
  readonly probeFailures: number;
  /** Waits before the first, second, … restart; one more crash within `crashWindowMs` and supervision gives up. */
  readonly restartDelaysMs: readonly number[];
  readonly crashWindowMs: number;
}

const SUPERVISION: Supervision = {
  startTimeoutMs: 30_000,
  probeIntervalMs: 1_000,
  probeTimeoutMs: 5_000,
  probeFailures: 3,
  restartDelaysMs: [0, 100, 400, 1_600, 3_200],
  crashWindowMs: 60_000,
};
const PORT_TRIES = 5;
const START_POLL_MS = 3;

/**
 * The embedded server as a supervised child: on a random loopback port that it keeps over restarts, so that clients
 * need no new address, and gone when this process is gone.
 */
export class EmbeddedDatabase {
  private server: GuardedProcess | null = null;
  private stopping = false;
  private failed: TrainyardError | null = null;
  private crashTimesMs: number[] = [];
  private supervised: Promise<void> = Promise.resolve();
  private probeTimer: NodeJS.Timeout | null = null;

  private constructor(
    private readonly directory: DataDirectory,
    private readonly executable: string,
    private readonly supervision: Supervision,
    private readonly report: DatabaseReport,
    readonly port: number,
  ) {}

  static async start(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
    const executable = options.executable ?? findExecutable();
    const supervision = { ...SUPERVISION, ...options.supervision };
    const directory = DataDirectory.claim(options.directory);
    try {
      for (let tries = 1; ; tries++) {
        const database = new EmbeddedDatabase(
          directory,
          executable,
          supervision,
          options.report ?? (() => undefined),
          await freePort(),
        );
        try {
          database.supervise(await database.launch());
          return database;
        } catch (error) {
          // Somebody took the port between the choice and the start.
          if (tries === PORT_TRIES || !/address already in use/i.test((error as Error).message)) throw error;
        }
      }
    } catch (error) {
      directory.release();
      throw error;
    }
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Why supervision gave up; null while it has not. */
  get failure(): TrainyardError | null {
    return this.failed;
  }

  /** Process number of the server, for operators and tests. */
  get serverPid(): number | null {
    return this.server?.isRunning === true ? this.server.server.pid : null;
  }

  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    if (this.probeTimer !== null) clearTimeout(this.probeTimer);
    await this.server?.stop();
    await this.supervised;
    this.directory.release();
  }

  /** Starts the server and waits for its first answer. */
  private async launch(): Promise<GuardedProcess> {
    const server = await GuardedProcess.start(this.executable, [
      'serve',
      ...['--host', '127.0.0.1', '--port', String(this.port), '--db-path', this.directory.databaseFile],
    ]);
    this.server = server;
    this.directory.recordServer(server.server);
    let ended: string | null = null;
    void server.exited.then((text) => (ended = text));
    const deadline = performance.now() + this.supervision.startTimeoutMs;
    while (performance.now() < deadline && ended === null && !this.stopping) {
      if ((await probe(this.port, this.supervision.probeTimeoutMs)) === 'answered') return server;
      await delay(START_POLL_MS);
    }
    const reason = ended ?? `no answer within ${this.supervision.startTimeoutMs} ms`;
    server.kill();
    const lastWords = await server.exited;
    throw new TrainyardError(
      'DATABASE_START_FAILED',
      `the embedded database did not start on ${this.directory.databaseFile}: ${reason === '' ? 'it ended without a word' : reason}`,
      { file: this.directory.databaseFile, output: lastWords },
    );
  }

  private supervise(server: GuardedProcess): void {
    this.scheduleProbe(server, 0);
    this.supervised = server.exited.then(async (lastWords) => this.recover(lastWords));
  }

  /** Starts again after each crash, with growing waits, until it holds or crashes come too often. */
  private async recover(lastWords: string): Promise<void> {
    if (this.probeTimer !== null) clearTimeout(this.probeTimer);
    let words = lastWords;
    while (!this.stopping) {
      const now = performance.now();
      this.crashTimesMs = this.crashTimesMs.filter((time) => now - time < this.supervision.crashWindowMs).concat(now);
      const wait = this.supervision.restartDelaysMs[this.crashTimesMs.length - 1];
      if (wait === undefined) return this.giveUp(words);
      this.report('warn', `the embedded database ended unexpectedly and is started again in ${wait} ms: ${words}`);
      await delay(wait);
      if (this.stopping) return;
      try {
        const server = await this.launch();
        this.report('log', `the embedded database is back on port ${this.port}`);
        // Not awaited here: `supervised` becomes the next server's.
        this.supervise(server);
        return;
      } catch (error) {
        words = (error as Error).message;
      }
    }
  }

  private giveUp(lastWords: string): void {
    this.failed = new TrainyardError(
      'STORAGE_UNAVAILABLE',
      `the embedded database crashed ${this.crashTimesMs.length} times within ` +
        `${this.supervision.crashWindowMs / 1000} s and is not started again; restart the service when the cause is removed: ${lastWords}`,
      { crashes: this.crashTimesMs.length, file: this.directory.databaseFile },
    );
    this.report('error', this.failed.message);
  }

  /**
   * Asks from time to time. A refused connection is certain: a server that was told to terminate stops listening and
   * then waits for idle connections, ours among them. Silence may be a busy machine and needs several in a row.
   */
  private scheduleProbe(server: GuardedProcess, silences: number): void {
    this.probeTimer = setTimeout(() => {
      void probe(this.port, this.supervision.probeTimeoutMs).then((result) => {
        if (this.stopping || this.server !== server || !server.isRunning) return;
        const count = result === 'silent' ? silences + 1 : 0;
        if (result !== 'refused' && count < this.supervision.probeFailures) return this.scheduleProbe(server, count);
        const symptom = result === 'refused' ? 'no longer listens' : `left ${count} probes unanswered`;
        this.report('warn', `the embedded database ${symptom} and is killed`);
        server.kill();
      });
    }, this.supervision.probeIntervalMs);
    this.probeTimer.unref();
  }
}
