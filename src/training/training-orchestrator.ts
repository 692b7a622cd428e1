import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { newId } from '../common/ids.js';
import { ExecutionRun, type RunLogger, type RunRooms } from './execution-run.js';

/** Injects the rooms that runs work with. */
export const RUN_ROOMS = Symbol('RunRooms');

export interface OrchestratorRooms extends RunRooms {
  /** Trainings at once. */
  readonly concurrency: number;
}

/** Docker and systemd wait 10 s or more between SIGTERM and SIGKILL. */
const SHUTDOWN_GRACE_MS = 4_000;

/**
 * Keeps the training slots busy: claims the oldest queued execution whenever a slot is free, and hands cancels to the
 * run they are for. Executions that another process queued are found by looking now and then.
 */
@Injectable()
export class TrainingOrchestrator implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly owner = newId('own');
  private readonly runs = new Map<string, ExecutionRun>();
  private readonly logger = new Logger('Training');
  private readonly endListening: (() => void)[] = [];
  private claiming: Promise<void> | null = null;
  /** Set when something was queued while a claim was under way that may have looked too early. */
  private mayHaveMore = false;
  private isClosing = false;

  constructor(@Inject(RUN_ROOMS) private readonly rooms: OrchestratorRooms) {}

  onApplicationBootstrap(): void {
    const { ledger, leaseMs } = this.rooms;
    this.endListening.push(
      ledger.onQueued(() => this.claim()),
      ledger.onCancelRequested((executionId) => this.runs.get(executionId)?.cancel()),
    );
    const timer = setInterval(() => this.claim(), leaseMs);
    timer.unref();
    this.endListening.push(() => clearInterval(timer));
    this.claim();
  }

  /** Claims nothing more and gives back what runs, before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    for (const end of this.endListening.splice(0)) end();
    await this.claiming;
    await Promise.all([...this.runs.values()].map((run) => run.shutDown(SHUTDOWN_GRACE_MS)));
    await Promise.all([this.rooms.pool.close(), this.rooms.host.close()]);
  }

  private claim(): void {
    this.mayHaveMore = true;
    this.claiming ??= this.claimWhileFree().finally(() => {
      this.claiming = null;
      if (this.wantsMore) this.claim();
    });
  }

  private get wantsMore(): boolean {
    return this.mayHaveMore && !this.isClosing && this.runs.size < this.rooms.concurrency;
  }

  private async claimWhileFree(): Promise<void> {
    while (this.wantsMore) {
      this.mayHaveMore = false;
      try {
        const execution = await this.rooms.ledger.claimNext(this.owner);
        if (execution === null) continue;
        this.mayHaveMore = true;
        const run = new ExecutionRun(execution, this.rooms, this.runLogger);
        this.runs.set(execution.executionId, run);
        void run.finished.then(() => {
          this.runs.delete(execution.executionId);
          this.claim();
        });
      } catch (error) {
        this.runLogger.error('No execution could be claimed; it is tried again', error);
      }
    }
  }

  private readonly runLogger: RunLogger = {
    warn: (message) => this.logger.warn(message),
    error: (message, error) => this.logger.error(message, error instanceof Error ? error.stack : String(error)),
  };
}
