import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { isTrainyardError } from '../common/errors/index.js';
import { DatasetsService } from '../datasets/index.js';
import { BatchThread, type BatchCounts } from '../inference/index.js';
import { RegistryService } from '../registry/index.js';
import { encodeBlock } from './batch-block.js';
import { BatchForecastRepository, type BatchChange, type StoredBatch } from './batch-forecast.repository.js';
import { isEnded } from './batch-forecast.js';

const MOST_INTERRUPTIONS = 3;
/** Of a result. */
const MOST_ROWS = 2_000_000;
const CONTENT_TYPE = 'application/octet-stream';

export const blockName = (block: number): string => `block-${String(block).padStart(6, '0')}`;

interface Running {
  readonly batchId: string;
  readonly thread: BatchThread;
  /** Why it ends before its end: somebody wanted it, or another process has it. */
  end: 'cancelled' | 'lost' | 'stopping' | null;
}

/**
 * Runs batch forecasts, one at a time in this process, each under a lease as long as that of a training. One whose process died is run again from the
 * beginning: the same forecasts come out, and their blocks are written over. After three times it is given up.
 */
@Injectable()
export class BatchRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('BatchForecasts');
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | null = null;
  private running: Running | null = null;
  private isAskedAgain = false;
  private isStopped = false;

  constructor(
    private readonly batches: BatchForecastRepository,
    private readonly registry: RegistryService,
    private readonly datasets: DatasetsService,
    private readonly artifacts: ArtifactStore,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.nudge(), this.config.training.heartbeatMs).unref();
    this.nudge();
  }

  /** What runs goes back into the queue: it is a matter of this process, not of the batch. */
  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    this.endRunning('stopping');
    await this.working;
  }

  /** Looks for work now. */
  nudge(): void {
    if (this.isStopped) return;
    if (this.working !== null) {
      this.isAskedAgain = true;
      return;
    }
    this.working = this.work()
      .catch((error: unknown) => this.logger.error(`batch forecasts could not run: ${String(error)}`))
      .finally(() => {
        this.working = null;
        if (this.isAskedAgain) {
          this.isAskedAgain = false;
          this.nudge();
        }
      });
  }

  /** It was cancelled: if it runs here, it ends now and not with its next heartbeat. */
  cancelled(batchId: string): void {
    if (this.running?.batchId === batchId) this.endRunning('cancelled');
  }

  private endRunning(end: NonNullable<Running['end']>): void {
    if (this.running === null) return;
    this.running.end ??= end;
    this.running.thread.cancel();
  }

  private async work(): Promise<void> {
    for await (const batch of this.batches.open()) {
      if (this.isStopped) return;
      const claimed = await this.claim(batch);
      if (claimed !== null) await this.run(claimed);
    }
  }

  private async claim(seen: StoredBatch): Promise<StoredBatch | null> {
    const { status, interruptions, stored } = seen;
    if (isEnded(status)) return null;
    if (status === 'QUEUED') return this.batches.changeSeen(seen, { status: 'RUNNING', leaseUntil: this.lease() });
    if (stored.leaseUntil !== undefined && stored.leaseUntil > isoTime(this.clock)) return null;
    const again = interruptions + 1;
    if (again < MOST_INTERRUPTIONS) {
      return this.batches.changeSeen(seen, { interruptions: again, leaseUntil: this.lease() });
    }
    const message = `It was interrupted ${again} times, and the limit is ${MOST_INTERRUPTIONS}: the service may lack memory for it; narrow from and to`;
    await this.batches.changeSeen(seen, {
      ...this.ending('FAILED'),
      interruptions: again,
      error: { code: 'INTERRUPTED_TOO_OFTEN', message },
    });
    return null;
  }

  private async run(batch: StoredBatch): Promise<void> {
    const { batchId } = batch;
    const running: Running = { batchId, thread: new BatchThread(), end: null };
    this.running = running;
    let counts: BatchCounts | null = null;
    let [blocks, rows] = [0, 0];
    const heartbeat = setInterval(() => {
      this.beat(batchId, counts).catch((error: unknown) =>
        this.logger.warn(`${batchId}: no heartbeat: ${String(error)}`),
      );
    }, this.config.training.heartbeatMs);
    try {
      const order = await this.orderOf(batch);
      const ended = await running.thread.run(order, {
        progress: (now) => (counts = now),
        block: async (columns) => {
          await this.artifacts.write(batchId, blockName(blocks), encodeBlock(columns), CONTENT_TYPE);
          blocks += 1;
          rows += columns[0]?.values.length ?? 0;
        },
      });
      clearInterval(heartbeat);
      await this.end(batchId, { ...this.ending('SUCCEEDED'), ...ended, blocks, rows });
    } catch (error) {
      clearInterval(heartbeat);
      if (running.end === 'lost' || running.end === 'cancelled') {
        await this.artifacts.deleteAll(batchId);
        return;
      }
      if (running.end === 'stopping') {
        await this.end(batchId, { status: 'QUEUED', leaseUntil: undefined });
        return;
      }
      const isExpected = isTrainyardError(error);
      if (!isExpected) this.logger.error(`${batchId} failed: ${(error as Error).stack ?? String(error)}`);
      const failure = isExpected
        ? { code: error.code, message: error.message }
        : { code: 'INTERNAL', message: 'An internal error occurred; the log has it' };
      await this.end(batchId, { ...this.ending('FAILED'), error: failure, ...(counts === null ? {} : { counts }) });
    } finally {
      clearInterval(heartbeat);
      this.running = null;
    }
  }

  private async orderOf({ request }: StoredBatch) {
    const bundle = await this.registry.loadBundle(request.model, request.modelVersion);
    const assets = bundle.fitted.plan.assets.map(({ id }) => id);
    const frames = await this.datasets.loadFrames(request.datasetId, request.datasetVersion, assets);
    const ms = (time: string | null): number | null => (time === null ? null : Date.parse(time));
    const { from, to, stride } = request;
    return { bundle, frames, fromMs: ms(from), toMs: ms(to), stride, assets: request.assets, maximumRows: MOST_ROWS };
  }

  /** Keeps the lease, says how far it is, and notices that somebody ended it. */
  private async beat(batchId: string, counts: BatchCounts | null): Promise<void> {
    const seen = await this.batches.find(batchId);
    if (seen?.status !== 'RUNNING') this.endRunning('lost');
    else await this.batches.changeSeen(seen, { leaseUntil: this.lease(), ...(counts === null ? {} : { counts }) });
  }

  /** One that somebody ended meanwhile stays as it is. */
  private async end(batchId: string, change: BatchChange): Promise<void> {
    for (;;) {
      const seen = await this.batches.find(batchId);
      if (seen?.status !== 'RUNNING' || (await this.batches.changeSeen(seen, change)) !== null) return;
    }
  }

  private ending(status: 'SUCCEEDED' | 'FAILED'): BatchChange {
    return { status, open: undefined, leaseUntil: undefined, finishedAt: isoTime(this.clock) };
  }

  private lease(): string {
    return new Date(this.clock.now() + this.config.training.leaseMs).toISOString();
  }
}
