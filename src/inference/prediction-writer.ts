import { join } from 'node:path';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import { PredictionJournal, type JournalSegment } from './prediction-journal.js';
import { PredictionRepository } from './prediction.repository.js';
import { textOfPrediction, type Prediction } from './prediction.js';

/** Predictions gather this long before they are stored together. */
const GATHER_MS = 250;
/** As many as the database takes in one request: requests are answered between one and the next. */
const TOGETHER = 25;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;
const SHUTDOWN_TRIES = 3;

interface Batch {
  readonly predictions: Prediction[];
  /** Has the same predictions, line by line. */
  readonly segment: JournalSegment;
}

/**
 * Stores predictions behind the answers: one is on disk before it is answered, and in the database a moment later, many
 * in one request. What a process left on disk is stored by the next one that starts with the same data directory.
 */
@Injectable()
export class PredictionWriter implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Predictions');
  private readonly journal: PredictionJournal;
  private readonly limit: number;
  private gathering: Batch;
  /** Taken from the journal, perhaps tried before. */
  private held: Batch | null = null;
  private attempt: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private failures = 0;

  constructor(
    private readonly predictions: PredictionRepository,
    @Inject(CONFIG) { dataDir, endpoints }: TrainyardConfig,
  ) {
    this.journal = new PredictionJournal(join(dataDir, 'predictions'));
    this.limit = endpoints.waitingPredictions;
    this.gathering = this.newBatch();
  }

  /** Stores what an earlier process acknowledged and did not store. */
  async onModuleInit(): Promise<void> {
    for await (const { lines, remove } of this.journal.leftovers()) {
      await this.predictions.createMany(lines.map((line) => JSON.parse(line) as Prediction));
      await remove();
      if (lines.length > 0) this.logger.log(`${lines.length} predictions of an earlier process are stored`);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.flush();
        break;
      } catch (error) {
        if (tries < SHUTDOWN_TRIES) continue;
        this.logger.error(`${this.waiting} predictions stay on disk until the next start: ${String(error)}`);
        break;
      }
    }
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Predictions that the database does not have yet. */
  get waiting(): number {
    return this.gathering.predictions.length + (this.held?.predictions.length ?? 0);
  }

  /** Refuses with `PREDICTIONS_WAITING` when the database is so far behind that more would not end well. */
  assertRoom(): void {
    if (this.waiting < this.limit) return;
    throw new TrainyardError(
      'PREDICTIONS_WAITING',
      `${this.waiting} predictions wait to be stored, the limit is ${this.limit} (TRAINYARD_LIMIT_WAITING_PREDICTIONS): try again later`,
      { waiting: this.waiting, limit: this.limit },
    );
  }

  /** Resolves when the prediction is on disk: from then on it will be stored. */
  async write(prediction: Prediction): Promise<void> {
    this.gathering.predictions.push(prediction);
    const written = this.gathering.segment.append(textOfPrediction(prediction));
    this.schedule(GATHER_MS);
    await written;
  }

  /** Resolves when the database has everything that was written before. Rejects when it does not take it. */
  async flush(): Promise<void> {
    while (this.waiting > 0) await (this.attempt ??= this.storeNext().finally(() => (this.attempt = null)));
  }

  private async storeNext(): Promise<void> {
    if (this.held === null) {
      this.held = this.gathering;
      this.gathering = this.newBatch();
    }
    const { predictions, segment } = this.held;
    for (let at = 0; at < predictions.length; at += TOGETHER) {
      await this.predictions.createMany(predictions.slice(at, at + TOGETHER));
    }
    await segment.remove();
    this.held = null;
  }

  private newBatch(): Batch {
    return { predictions: [], segment: this.journal.newSegment() };
  }

  private schedule(afterMs: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.flush().then(
        () => (this.failures = 0),
        (error: unknown) => {
          const pauseMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures++);
          this.logger.warn(`${this.waiting} predictions wait, next try in ${pauseMs} ms: ${String(error)}`);
          this.schedule(pauseMs);
        },
      );
    }, afterMs);
  }
}
