import type { ArtifactStore } from '../artifacts/index.js';
import { isTrainyardError } from '../common/errors/index.js';
import type { ClaimedExecution, ExecutionLedger, LogLevel } from '../executions/index.js';
import type { FinishedWindow } from '../ml/evaluation/backtest/finished-window.js';
import { encodeWindow, joinWindows, readWindows, type KeptWindows } from './finished-windows.js';
import { PacedWrite } from './paced-write.js';

/** Beside the checkpoint of an execution, until it ends. */
export const WINDOWS_ARTIFACT = 'backtest-windows.bin';

/** Windows that are finished faster are written together: after a crash this much is fitted again, at most. */
const KEEP_MS = 3_000;
/** Of all windows together: fifty with a horizon of 720, seven targets and three intervals have half of it. */
const MOST_BYTES = 32 * 2 ** 20;

const NO_WINDOWS: KeptWindows = { windows: [], encoded: [] };

/** What keeps windows beyond the life of a process. */
export interface WindowRooms {
  readonly artifacts: ArtifactStore;
  readonly ledger: Pick<ExecutionLedger, 'checkpoint'>;
  say(level: LogLevel, message: string): void;
  /** A write was refused, and no more is written. */
  onRefused(error: unknown): void;
}

/**
 * Keeps the finished windows of a backtest with refit while it goes on, as one artifact that is written anew with each of
 * them, no more often than every few seconds. A run that was interrupted goes on with the next window.
 */
export class BacktestRecord {
  private readonly encoded: Uint8Array[];
  private bytes: number;
  private elapsedMs = 0;
  private isFull = false;
  private isEnded = false;
  private readonly writes = new PacedWrite(KEEP_MS, () => this.write());

  private constructor(
    private readonly execution: Pick<ClaimedExecution, 'executionId' | 'owner'>,
    private readonly rooms: WindowRooms,
    /** Of an earlier run. */
    readonly kept: readonly FinishedWindow[],
    encoded: readonly Uint8Array[],
    private readonly mostBytes: number,
  ) {
    this.encoded = [...encoded];
    this.bytes = encoded.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** With what an earlier run kept. What cannot be read costs time, not the result. */
  static async open(
    execution: Pick<ClaimedExecution, 'executionId' | 'owner' | 'attempt'>,
    rooms: WindowRooms,
    mostBytes = MOST_BYTES,
  ): Promise<BacktestRecord> {
    const { windows, encoded } = execution.attempt > 1 ? await findWindows(execution.executionId, rooms) : NO_WINDOWS;
    return new BacktestRecord(execution, rooms, windows, encoded, mostBytes);
  }

  add(window: FinishedWindow, elapsedMs: number): void {
    if (this.isEnded || this.isFull) return;
    const encoded = encodeWindow(window);
    if (this.bytes + encoded.byteLength > this.mostBytes) {
      this.isFull = true;
      const message = `The finished windows of the backtest take more than ${this.mostBytes} bytes: after an interruption it would go on after the first ${this.encoded.length}`;
      return this.rooms.say('info', message);
    }
    this.encoded.push(encoded);
    this.bytes += encoded.byteLength;
    this.elapsedMs = elapsedMs;
    this.writes.ask();
  }

  /** Waits until all that was added is durable, or was refused. */
  async flush(): Promise<void> {
    await this.writes.flush();
  }

  /** Deletes what was kept, and keeps nothing more: a training that is being ended may still send some. */
  async drop(): Promise<void> {
    this.isEnded = true;
    await this.writes.cancel();
    await this.rooms.artifacts.delete(this.execution.executionId, WINDOWS_ARTIFACT);
  }

  /** Keeps nothing more: whatever is written from now on would fall into somebody else's run. */
  discard(): void {
    this.isEnded = true;
    void this.writes.cancel();
  }

  private async write(): Promise<void> {
    const { execution, rooms, elapsedMs } = this;
    const { executionId, owner } = execution;
    try {
      const content = joinWindows(this.encoded);
      await rooms.artifacts.write(executionId, WINDOWS_ARTIFACT, content, 'application/octet-stream');
      await rooms.ledger.checkpoint(executionId, owner, { elapsedMs });
    } catch (error) {
      this.discard();
      rooms.onRefused(error);
    }
  }
}

async function findWindows(executionId: string, { artifacts, say }: WindowRooms): Promise<KeptWindows> {
  try {
    return readWindows((await artifacts.read(executionId, WINDOWS_ARTIFACT)).content);
  } catch (error) {
    if (isTrainyardError(error, 'ARTIFACT_CORRUPT')) {
      say('warn', `The finished windows of the backtest cannot be read, and are fitted again (${error.message})`);
    } else if (!isTrainyardError(error, 'ARTIFACT_NOT_FOUND')) {
      throw error;
    }
    return NO_WINDOWS;
  }
}
